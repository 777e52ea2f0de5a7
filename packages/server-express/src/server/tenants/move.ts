import { setTimeout } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Tenant } from '../../tenants/tenants-content.js'
import { ProgressDisplay } from '../progress-display.js'
import { reasonOf } from '../start-failure.js'
import type { TenantsCall } from './call.js'
import { databaseOf, type TenantsContext, TenantsFailure, tenantOf, tenantsOf } from './context.js'
import { copySettings, copyTable, digestOf, sameTables } from './copy-tables.js'
import { openShop } from './open-shop.js'
import { releaseSearchExtension, shareSearchExtension } from './search-extension.js'
import { accepted, changeShop, refused } from './writes.js'

type MoveCall = Extract<TenantsCall, { command: 'move' }>

interface Move {
  readonly tenant: Tenant
  readonly from: Knex
  readonly to: Knex
  /** The schema of the copy, until it is complete. */
  readonly arriving: string
  readonly context: TenantsContext
}

/** Free in the old database, and short enough. */
const keptName = (schema: string, now: Date): string =>
  `${schema.slice(0, 40)}_moved_${now.toISOString().replace(/\D/g, '').slice(0, 14)}`

/** Until the copy is complete and checked, its schema has another name. */
const arrivingName = (schema: string): string => `${schema.slice(0, 50)}_arriving`

const isThere = async (knex: Knex, schema: string): Promise<boolean> =>
  (await knex.raw('select to_regnamespace(?) is not null as "isThere"', [`"${schema}"`])).rows[0].isThere

const mark = 'The copy of a shop that shop-server tenants move makes'

/**
 * Removes the schema of a copy that is not complete, even if its move was killed.
 * @throws TenantsFailure if the schema is none.
 */
const dropArriving = async ({ to, arriving }: Move): Promise<void> => {
  const { rows } = await to.raw(`select obj_description(to_regnamespace(?), 'pg_namespace') as mark`, [`"${arriving}"`])
  if (rows[0].mark === mark) await to.raw('drop schema ?? cascade', [arriving])
  else if (await isThere(to, arriving)) throw new TenantsFailure(`there is a schema ${arriving} already: rename it`)
}

/** Copies all tables in one transaction. Rejects with TenantsFailure if a row differs. */
const copyRows = async (move: Move, locked: Knex, tables: readonly string[]): Promise<void> => {
  const { to, arriving, context } = move
  const { schema } = move.tenant
  const display = new ProgressDisplay(process.stderr)
  let copied = 0
  try {
    await to.transaction(async (trx) => {
      await trx.raw(copySettings)
      for (const [index, table] of tables.entries()) {
        const [source, target] = [`"${schema}".${table}`, `"${arriving}".${table}`]
        const onRows = (rows: number) => {
          copied += rows
          display.show(index / tables.length, () => `${copied} rows copied, now ${table}`)
          context.signal.throwIfAborted()
        }
        await copyTable(locked, trx, { source, target, onRows })
        if ((await digestOf(locked, source)) !== (await digestOf(trx, target))) {
          throw new TenantsFailure(`the copy of ${table} differs`)
        }
        await trx.raw(`analyze ${target}`)
      }
    })
  } finally {
    display.end()
  }
}

/** Rejects with TenantsFailure if the copy breaks a law. */
const auditCopy = async ({ to, tenant, arriving, context }: Move): Promise<void> => {
  const shop = await openShop(to, { ...tenant, schema: arriving }, context.databases.prepared)
  const { ok, violations } = await shop.audit().finally(() => shop.close())
  if (ok) return
  const laws = [...new Set(violations.map(({ law }) => law))].join(', ')
  throw new TenantsFailure(`the data breaks laws (${laws}): see shop-server tenants audit ${tenant.shopId}`)
}

/**
 * From the end of the transaction on, no server can write here that has not noticed the move. A lock would end with its
 * connection. The store classifies this error as `unavailable`.
 */
const refuseWritesFor = async (locked: Knex, schema: string, tables: readonly string[]): Promise<void> => {
  await locked.raw(`create or replace function "${schema}".refuse_writes() returns trigger language plpgsql as
    $$ begin raise exception 'the shop has moved' using errcode = 'insufficient_privilege'; end $$`)
  for (const table of tables) {
    await locked.raw(`create trigger refuse_writes before insert or update or delete or truncate on "${schema}".${table}
      for each statement execute function "${schema}".refuse_writes()`)
  }
}

/** Copies while nobody can write, and checks the copy. */
const copy = async (move: Move, locked: Knex): Promise<void> => {
  const { tenant, to, arriving, context } = move
  const { schema } = tenant
  const { migrate } = await import('@shop/adapter-knex')
  await shareSearchExtension(to)
  await dropArriving(move)
  await to.raw(`create schema ??; comment on schema ?? is '${mark}'`, [arriving, arriving])
  await migrate(to, { schema: arriving, prepared: context.databases.prepared })
  const tables = await sameTables({ knex: locked, schema }, { knex: to, schema: arriving })
  // Adding up sales locks these notes first.
  const inOrder = ['recent_sales', ...tables.filter((table) => table !== 'recent_sales')]
  await locked.raw(
    `lock table ${inOrder.map((table) => `"${schema}".${table}`).join(', ')} in share row exclusive mode`,
  )
  await locked.raw(copySettings)
  await copyRows(move, locked, tables)
  await auditCopy(move)
  // Fails if the lock was lost with its connection: then somebody may have written.
  await refuseWritesFor(locked, schema, tables)
  context.signal.throwIfAborted()
}

/** In a savepoint: the extension may belong to another user, and the shop has moved all the same. */
const releaseExtension = async ({ tenant: { schema }, context }: Move, locked: Knex): Promise<void> => {
  try {
    await locked.transaction((savepoint) => releaseSearchExtension(savepoint, schema))
  } catch (error) {
    context.logger.warn({ err: error, schema }, 'the extension pg_trgm stays in the old schema: do not drop it')
  }
}

/**
 * Copies the shop, and names the copy in the file. Whatever fails before that leaves nothing behind. Resolves with
 * whether the old schema refuses writes: not if the connection was lost at the commit.
 */
const useCopy = async (move: Move, { database }: MoveCall): Promise<boolean> => {
  const { from, to, tenant, arriving, context } = move
  const { shopId, schema } = tenant
  let isArrived = false
  let isMoved = false
  try {
    await from.transaction(
      async (locked) => {
        await locked.raw(`set local lock_timeout = 30000; ${copySettings}`)
        await copy(move, locked)
        await to.raw(`alter schema ?? rename to ??; comment on schema ?? is null`, [arriving, schema, schema])
        isArrived = true
        await changeShop(shopId, (shop) => ({ ...shop, database }), context)
        isMoved = true
      },
      { isolationLevel: 'read committed' },
    )
    return true
  } catch (error) {
    if (isMoved) {
      context.logger.warn({ err: error }, 'the old schema may accept writes until it gets another name')
      return false
    }
    await (isArrived ? to.raw('drop schema ?? cascade', [schema]) : dropArriving(move))
    throw error
  }
}

/** A failure after the copy is complete leaves only the old schema to be renamed by hand. */
const moveLocked = async (move: Move, call: MoveCall): Promise<void> => {
  const { from, tenant, context } = move
  const { shopId, schema } = tenant
  const { print } = context
  const kept = keptName(schema, new Date())
  const refusesWrites = await useCopy(move, call)
  await print(`copied: ${shopId} is in ${call.database} now; servers notice within ${call.waitSeconds} s\n`)
  // Without the trigger, another name keeps writes out, at the price of reads that fail until servers notice.
  if (refusesWrites) await setTimeout(call.waitSeconds * 1_000)
  try {
    await from.transaction(async (trx) => {
      await trx.raw('set local lock_timeout = 30000')
      await releaseExtension(move, trx)
      await trx.raw('alter schema ?? rename to ??', [schema, kept])
    })
    await print(`the old schema is called ${kept}: drop it when you no longer need it\n`)
  } catch (error) {
    context.logger.warn({ err: error }, 'the old schema keeps its name')
    await print(`the old schema keeps its name (${reasonOf(error)}): rename it, so that nobody uses it\n`)
    // Nothing but the file keeps servers from the old schema now.
    if (!refusesWrites) await setTimeout(call.waitSeconds * 1_000)
  }
}

/** The copy gets the tables of this version. */
const checkMigrated = async (from: Knex, schema: string): Promise<void> => {
  const { pendingMigrations } = await import('@shop/adapter-knex')
  const pending = await pendingMigrations(from, { schema })
  if (pending.length > 0)
    throw new TenantsFailure('the tables are not up to date: run shop-server tenants migrate first')
}

/** @throws TenantsFailure if the shop cannot be moved there. */
const prepare = async ({ shopId, database }: MoveCall, context: TenantsContext): Promise<Move> => {
  const tenants = await tenantsOf(context)
  const tenant = tenantOf(tenants, shopId, context)
  const target = databaseOf(tenants, database, context)
  if (target === tenant.database) throw new TenantsFailure(`${shopId} is in ${database} already`)
  const [from, to] = await Promise.all([context.databases.open(tenant.database), context.databases.open(target)])
  const { schema } = tenant
  if (await isThere(to, schema)) throw new TenantsFailure(`${database} has a schema ${schema} already`)
  if (!(await isThere(from, schema))) throw new TenantsFailure(`${tenant.databaseName} has no schema ${schema}`)
  await checkMigrated(from, schema)
  return { tenant, from, to, arriving: arrivingName(schema), context }
}

/**
 * Moves a shop to another database. Its writes are refused meanwhile. A lock on its tables keeps everybody from
 * writing while it is copied, even a server that did not notice. A failure before the copy is complete leaves the
 * shop where it is. Resolves with the exit status.
 */
export const moveTenant = async (call: MoveCall, context: TenantsContext): Promise<number> => {
  const { shopId, waitSeconds } = call
  const { print, signal } = context
  const move = await prepare(call, context)
  const restore = move.tenant.writesRefused === true ? refused : accepted
  await changeShop(shopId, refused, context)
  try {
    await print(`${shopId} refuses writes: servers notice within ${waitSeconds} s\n`)
    await setTimeout(waitSeconds * 1_000, undefined, { signal })
    await moveLocked(move, call)
  } catch (error) {
    await print(`not moved: ${shopId} stays in ${move.tenant.databaseName}\n`)
    throw signal.aborted ? new TenantsFailure('interrupted', { cause: error }) : error
  } finally {
    await changeShop(shopId, restore, context)
  }
  const after = restore === accepted ? 'accepts writes again' : 'still refuses writes, as before'
  await print(`moved: ${shopId} ${after}\n`)
  return 0
}
