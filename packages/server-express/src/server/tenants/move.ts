import { setTimeout } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Tenant } from '../../tenants/tenants-content.js'
import { ProgressDisplay } from '../progress-display.js'
import { reasonOf } from '../start-failure.js'
import type { TenantsCall } from './call.js'
import { databaseOf, type TenantsContext, TenantsFailure, tenantOf, tenantsOf } from './context.js'
import { copySchema } from './copy-schema.js'
import { openShop } from './open-shop.js'
import { checkPrograms } from './pg-programs.js'
import { releaseSearchExtension, searchExtensionSchema, shareSearchExtension } from './search-extension.js'
import { accepted, changeShop, refused } from './writes.js'

type MoveCall = Extract<TenantsCall, { command: 'move' }>

interface Move {
  readonly tenant: Tenant
  readonly from: Knex
  readonly to: Knex
  /** The URL of the new database. */
  readonly target: string
  readonly context: TenantsContext
}

/** Time limits of the connection would end the transaction that keeps others from writing. */
const noLimits = `select set_config(name, '0', true) from pg_settings
  where name in ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`

const tablesOf = async (knex: Knex, schema: string): Promise<readonly string[]> => {
  const { rows } = await knex.raw(
    `select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ? and c.relkind in ('r', 'p') order by c.relname`,
    [schema],
  )
  return rows.map(({ name }: { name: string }) => name)
}

const countsOf = async (knex: Knex, tables: readonly string[]): Promise<string> => {
  const { rows } = await knex.raw(
    tables.map((table) => `select '${table}' as name, count(*) from ${table}`).join(' union all '),
  )
  return rows
    .map(({ name, count }: { name: string; count: string }) => `${name} ${count}`)
    .toSorted()
    .join('\n')
}

const isThere = async (knex: Knex, schema: string): Promise<boolean> =>
  (await knex.raw('select to_regnamespace(?) is not null as "isThere"', [`"${schema}"`])).rows[0].isThere

/** Free in both databases, and short enough. */
const keptName = (schema: string, now: Date): string =>
  `${schema.slice(0, 40)}_moved_${now.toISOString().replace(/\D/g, '').slice(0, 14)}`

/** What is committed in the new database and is not used yet. */
const undo = async ({ to, tenant: { schema } }: Move): Promise<void> => {
  if (await isThere(to, schema)) await to.raw('drop schema ?? cascade', [schema])
}

/** Rejects with TenantsFailure if the copy differs, or breaks a law. */
const checkCopy = async ({ to, tenant, context }: Move, tables: readonly string[], counts: string): Promise<void> => {
  if ((await countsOf(to, tables)) !== counts) throw new TenantsFailure('the copy does not have all rows')
  for (const table of tables) await to.raw(`analyze ${table}`)
  const shop = await openShop(to, tenant, context.databases.prepared)
  const { ok, violations } = await shop.audit().finally(() => shop.close())
  if (ok) return
  const laws = [...new Set(violations.map(({ law }) => law))].join(', ')
  throw new TenantsFailure(`the data breaks laws (${laws}): see shop-server tenants audit ${tenant.shopId}`)
}

/** Copies while nobody can write, and checks the copy. */
const copy = async (move: Move, locked: Knex): Promise<void> => {
  const { tenant, to, target, context } = move
  const { schema, database } = tenant
  const tables = await tablesOf(locked, schema)
  await locked.raw(`lock table ${tables.join(', ')} in share mode`)
  await locked.raw(noLimits)
  const counts = await countsOf(locked, tables)
  await shareSearchExtension(to)
  const display = new ProgressDisplay(process.stderr)
  await copySchema({
    from: database,
    to: target,
    schema,
    searchExtension: await searchExtensionSchema(to),
    signal: context.signal,
    onProgress: (bytes) => display.show(undefined, () => `${(bytes / 1_000_000).toFixed(1)} MB copied`),
  }).finally(() => display.end())
  await checkCopy(move, tables, counts)
  // The lock is lost with the connection: then somebody may have written.
  await locked.raw('select 1')
  context.signal.throwIfAborted()
}

/** A failure after the copy is complete leaves only the old schema to be renamed by hand. */
const moveLocked = async (move: Move, { database, waitSeconds }: MoveCall): Promise<void> => {
  const { from, tenant, context } = move
  const { shopId, schema } = tenant
  const { print } = context
  const kept = keptName(schema, new Date())
  let isMoved = false
  try {
    await from.transaction(
      async (locked) => {
        await locked.raw(`set local lock_timeout = 30000; ${noLimits}`)
        await copy(move, locked)
        await changeShop(shopId, (shop) => ({ ...shop, database }), context)
        isMoved = true
        await print(`copied: ${shopId} is in ${database} now; servers notice within ${waitSeconds} s\n`)
        await setTimeout(waitSeconds * 1_000)
        await releaseSearchExtension(locked, schema)
        await locked.raw('alter schema ?? rename to ??', [schema, kept])
      },
      { isolationLevel: 'read committed' },
    )
    await print(`the old schema is called ${kept}: drop it when you no longer need it\n`)
  } catch (error) {
    if (!isMoved) {
      await undo(move)
      throw error
    }
    context.logger.warn({ err: error }, 'the old schema keeps its name')
    await print(`the old schema keeps its name (${reasonOf(error)}): rename it, so that nobody uses it\n`)
  }
}

/** @throws TenantsFailure if the shop cannot be moved there. */
const prepare = async ({ shopId, database }: MoveCall, context: TenantsContext): Promise<Move> => {
  const tenants = await tenantsOf(context)
  const tenant = tenantOf(tenants, shopId, context)
  const target = databaseOf(tenants, database, context)
  if (target === tenant.database) throw new TenantsFailure(`${shopId} is in ${database} already`)
  await checkPrograms(target)
  const [from, to] = await Promise.all([context.databases.open(tenant.database), context.databases.open(target)])
  const { schema } = tenant
  if (await isThere(to, schema)) throw new TenantsFailure(`${database} has a schema ${schema} already`)
  if (!(await isThere(from, schema))) throw new TenantsFailure(`${tenant.databaseName} has no schema ${schema}`)
  return { tenant, from, to, target, context }
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
