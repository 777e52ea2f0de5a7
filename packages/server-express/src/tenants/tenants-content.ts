import { isId, isPolicyError, type PolicyOverrides, presetNames, resolvePolicies } from '@shop/core'
import { z } from 'zod'
import * as value from '../config/values.js'
import { checkSchedule } from '../scheduler/check-schedule.js'
import type { ShopLocation } from './shop-location.js'

type Environment = Readonly<Record<string, string | undefined>>

/** One mistake in the file of shops. */
export interface TenantsIssue {
  /** Where it is, for example `shops.books.database`. Empty if it is about the whole file. */
  readonly path: string
  readonly reason: string
}

/** The file of shops cannot be used. The message has one line per mistake, and shows no URL. */
export class TenantsFileError extends Error {
  /** The name of the class. */
  override readonly name = 'TenantsFileError'
  /** Every mistake that was found. */
  readonly issues: readonly TenantsIssue[]

  constructor(file: string, issues: readonly TenantsIssue[], options?: ErrorOptions) {
    super(issues.map(({ path, reason }) => [`${file}:`, path, reason].filter(Boolean).join(' ')).join('\n'), options)
    this.issues = issues
  }
}

const shop = z.strictObject({
  database: z.string(),
  schema: value.schemaName,
  preset: value.oneOf(...presetNames).optional(),
  policies: z.record(z.string(), z.unknown()).optional(),
  currency: value.currency.optional(),
  writes: value.oneOf('accepted', 'refused').optional(),
})

const file = z.strictObject({ databases: z.record(z.string(), z.string()), shops: z.record(z.string(), shop) })

/** The file of shops, as it is written. */
export type TenantsContent = z.output<typeof file>

/** A shop of the file. */
export type TenantsContentShop = TenantsContent['shops'][string]

/** A shop, with the name of its database in the file. */
export interface Tenant extends ShopLocation {
  readonly shopId: string
  readonly databaseName: string
}

/** What the file of shops says, checked. */
export interface Tenants {
  /** As it is written: URLs of databases may be names of environment variables. */
  readonly content: TenantsContent
  /** The URLs of the databases, by their names in the file. */
  readonly databases: ReadonlyMap<string, string>
  /** The shops by their ids, in the order of the file. */
  readonly shops: ReadonlyMap<string, Tenant>
}

const idReason = 'must be 1 to 64 letters, digits, _, ., : or -'

const namesOf = (kind: string, names: readonly string[]): TenantsIssue[] =>
  names.filter((name) => !isId(name)).map((name) => ({ path: `${kind}.${name}`, reason: `its name ${idReason}` }))

/** A value `$NAME` is the value of the environment variable NAME. */
const variable = /^\$([A-Za-z_][A-Za-z0-9_]*)$/

const urlOf = (text: string, environment: Environment): { readonly url: string } | { readonly reason: string } => {
  const [, name] = variable.exec(text) ?? []
  const given = name === undefined ? text : environment[name]
  if (given === undefined || given === '') return { reason: `names the environment variable ${name}, which is not set` }
  const { data, error } = value.postgresUrl.safeParse(given)
  const [issue] = error?.issues ?? []
  const subject = name === undefined ? '' : `names the environment variable ${name}, which `
  return data ? { url: data.reveal() } : { reason: `${subject}${issue?.message}` }
}

const policyIssues = (shopId: string, { preset, policies }: TenantsContentShop): TenantsIssue[] => {
  if (policies === undefined) return []
  try {
    resolvePolicies(preset, policies as PolicyOverrides)
    return []
  } catch (error) {
    if (!isPolicyError(error)) throw error
    return error.issues.map(({ path, reason }) => ({ path: `shops.${shopId}.policies.${path}`, reason }))
  }
}

const tenantOf = (shopId: string, database: string, given: TenantsContentShop): Tenant => ({
  shopId,
  databaseName: given.database,
  database,
  schema: given.schema,
  preset: given.preset,
  policies: given.policies as PolicyOverrides | undefined,
  currency: given.currency,
  writesRefused: given.writes === 'refused',
})

/** The check of the content would leave this name out, and a change of the file would remove it. */
const lostNames = (json: unknown): TenantsIssue[] =>
  (['databases', 'shops'] as const).flatMap((kind) => {
    const given = Object(Object(json)[kind])
    return Object.hasOwn(given, '__proto__')
      ? [{ path: `${kind}.__proto__`, reason: 'is a name that cannot be used' }]
      : []
  })

/** Where the parser stopped. Its message quotes the text, which may hold a password, so only the position is taken. */
const placeOf = (text: string, { message }: Error): string => {
  const at = Number(/ position (\d+)/.exec(message)?.[1] ?? text.length)
  const before = text.slice(0, at).split('\n')
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`
}

const contentOf = (name: string, text: string): TenantsContent => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new TenantsFileError(name, [{ path: '', reason: `is not JSON: ${placeOf(text, error as Error)}` }])
  }
  const lost = lostNames(json)
  if (lost.length > 0) throw new TenantsFileError(name, lost)
  const { data, error } = file.safeParse(json)
  if (data) return data
  const issues = error.issues.map(({ path, message }) => ({ path: path.join('.'), reason: message }))
  throw new TenantsFileError(name, issues)
}

/**
 * Reads the text of a file of shops.
 * @throws TenantsFileError with the path of every mistake. `name` is the file in its message.
 */
export const parseTenants = (name: string, text: string, environment: Environment): Tenants => {
  const content = contentOf(name, text)
  const entries = Object.entries(content.shops)
  const issues = [
    ...namesOf('databases', Object.keys(content.databases)),
    ...namesOf('shops', Object.keys(content.shops)),
  ]
  const databases = new Map<string, string>()
  for (const [key, text] of Object.entries(content.databases)) {
    const found = urlOf(text, environment)
    if ('url' in found) databases.set(key, found.url)
    else issues.push({ path: `databases.${key}`, reason: found.reason })
  }
  const shops = new Map<string, Tenant>()
  const owners = new Map<string, string>()
  for (const [shopId, given] of entries) {
    issues.push(...policyIssues(shopId, given))
    const database = databases.get(given.database)
    if (database === undefined) {
      if (Object.hasOwn(content.databases, given.database)) continue
      const known = Object.keys(content.databases).join(', ') || 'none'
      issues.push({ path: `shops.${shopId}.database`, reason: `must be a name of databases; there are: ${known}` })
      continue
    }
    const place = JSON.stringify([database, given.schema])
    const owner = owners.get(place)
    if (owner !== undefined) issues.push({ path: `shops.${shopId}.schema`, reason: `is the schema of ${owner}, too` })
    owners.set(place, shopId)
    shops.set(shopId, tenantOf(shopId, database, given))
  }
  if (issues.length > 0) throw new TenantsFileError(name, issues)
  return { content, databases, shops }
}

/**
 * Checks what needs more modules than `parseTenants` loads: URLs as the driver reads them, and schedules.
 * @throws TenantsFileError
 */
export const checkTenants = async (name: string, { databases, shops }: Tenants): Promise<void> => {
  const { checkDatabaseUrl, DatabaseUrlError } = await import('@shop/adapter-knex')
  const issues: TenantsIssue[] = []
  for (const [key, url] of databases) {
    try {
      checkDatabaseUrl(url)
    } catch (error) {
      if (!(error instanceof DatabaseUrlError)) throw error
      issues.push({ path: `databases.${key}`, reason: error.message.replace('databaseUrl ', '') })
    }
  }
  for (const { shopId, preset, policies } of shops.values()) {
    if (policies === undefined) continue
    try {
      await checkSchedule(resolvePolicies(preset, policies))
    } catch (error) {
      if (!isPolicyError(error)) throw error
      issues.push(...error.issues.map(({ path, reason }) => ({ path: `shops.${shopId}.policies.${path}`, reason })))
    }
  }
  if (issues.length > 0) throw new TenantsFileError(name, issues)
}
