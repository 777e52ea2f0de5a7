import { isCurrency } from '@shop/core'
import { boolean, integer } from '@shop/core/commands'
import { checkJwtOptions, type JwtOptions } from '../auth/jwt-options.js'
import { problemsFault } from '../http/check-problems.js'
import type { DatabaseUrlOptions, KnexOptions, StoreOptions } from '../options.js'
import type { JobName } from '../scheduler/jobs.js'
import { portFault } from '../util/blocked-ports.js'
import { isFunction, isObject, type OptionCheck, oneOf, text } from '../util/option-check.js'

type OptionName = keyof DatabaseUrlOptions | keyof KnexOptions | keyof StoreOptions<never>

const has = (value: unknown, ...methods: readonly string[]): boolean =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')

const object: OptionCheck = (value) => (isObject(value) ? undefined : 'must be an object')

const httpUrl: OptionCheck = (value) => {
  const url = URL.canParse(String(value)) ? new URL(String(value)) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) return 'must be an http:// or https:// URL'
  return portFault(url)
}

const waysToAuthenticate =
  "'off' behind a gateway, { secret }, { jwksUrl }, or an authenticator; or give authenticate(request)"

const auth: OptionCheck = (value) => {
  if (value === 'off' || has(value, 'authenticate')) return undefined
  if (value === undefined) return `is required: ${waysToAuthenticate}`
  if (!isObject(value) || (value['secret'] === undefined && value['jwksUrl'] === undefined))
    return `must be ${waysToAuthenticate}`
  if (value['secret'] !== undefined && text(value['secret'])) return 'has a secret that must be a non-empty string'
  try {
    checkJwtOptions(value as JwtOptions)
    return undefined
  } catch (error) {
    return `is unsafe: ${(error as Error).message}`
  }
}

const dataPlatform: OptionCheck = (value) => {
  if (!isObject(value)) return 'must be { url, secret } or { sender }'
  if (value['sender'] !== undefined) {
    if (value['url'] !== undefined) return 'has a url and a sender, which exclude each other'
    return has(value['sender'], 'send') ? undefined : 'has a sender without a method send()'
  }
  const wrong = httpUrl(value['url'])
  if (wrong) return `has a url that ${wrong}`
  return text(value['secret']) && 'has no secret: whsec_ followed by base64'
}

const handlers: OptionCheck = (value) =>
  Array.isArray(value) && value.every((each) => typeof each === 'function')
    ? undefined
    : 'must be a list of Express handlers'

const eachOf =
  (check: OptionCheck): OptionCheck =>
  (value) => {
    if (!isObject(value)) return 'must be an object with names of routes, like POST /api/orders'
    for (const [name, each] of Object.entries(value)) {
      const wrong = check(each)
      if (wrong) return `['${name}'] ${wrong}`
    }
    return undefined
  }

/** A problem of a part begins with its path: `routes` and `.at['POST /api/orders'] must be …`. */
const joined = (name: string, problem: string): string => `${name}${/^[.[]/.test(problem) ? '' : ' '}${problem}`

const list: OptionCheck = (value) => (Array.isArray(value) ? undefined : 'must be a list')

const routeOptions: Readonly<Record<string, OptionCheck>> = {
  before: handlers,
  at: eachOf(handlers),
  replace: eachOf((value) =>
    value === false ? undefined : isFunction(value) && 'must be an Express handler or false',
  ),
  commands: list,
  notFound: oneOf('answer', 'next'),
  errors: oneOf('answer', 'next'),
}

const routes: OptionCheck = (value) => {
  if (!isObject(value)) return 'must be an object'
  for (const [name, each] of Object.entries(value)) {
    const check = routeOptions[name]
    if (!check) return `.${name} is not one of ${Object.keys(routeOptions).join(', ')}`
    const wrong = each === undefined ? undefined : check(each)
    if (wrong) return joined(`.${name}`, wrong)
  }
  return undefined
}

const isOrigin = (value: unknown): boolean =>
  typeof value === 'string' && URL.canParse(value) && /^https?:/.test(value) && new URL(value).origin === value

const corsOrigins: OptionCheck = (value) =>
  Array.isArray(value) && value.every(isOrigin)
    ? undefined
    : 'must be origins without a path or a slash at the end, like https://shop.example'

const jobNames: Readonly<Record<JobName, true>> = {
  expiry: true,
  ranking: true,
  purge: true,
  views: true,
  relay: true,
}

const jobs: OptionCheck = (value) => {
  const names = Object.keys(jobNames).join(', ')
  if (!isObject(value)) return `must be an object with names of jobs: ${names}`
  const [wrong] = Object.entries(value).filter(([name, each]) => !Object.hasOwn(jobNames, name) || boolean(each))
  return wrong && `has ${wrong[0]}: only ${names} can be true or false`
}

const observations = ['onCommand', 'onGroup', 'onRetry', 'onJob']

const observer: OptionCheck = (value) => {
  if (!observations.some((name) => has(value, name))) return `must have at least one of ${observations.join(', ')}`
  const wrong = observations.find((name) => {
    const each = (value as Record<string, unknown>)[name]
    return each !== undefined && typeof each !== 'function'
  })
  return wrong && `has ${wrong} that must be a function`
}

const isGuard = (value: unknown): boolean =>
  isObject(value) && typeof value['command'] === 'string' && has(value['rule'], 'refuse')

const guards: OptionCheck = (value) =>
  Array.isArray(value) && value.every(isGuard) ? undefined : 'must be a list of guards, made by guard()'

const redis: OptionCheck = (value) =>
  isObject(value) && Array.isArray(value['urls']) && value['urls'].length > 0 && !value['urls'].some(text)
    ? undefined
    : 'must be { urls } with at least one URL'

const replicas: OptionCheck = (value) => {
  if (!isObject(value)) return 'must be { urls } with databaseUrl, or { knex } with knex'
  const { urls, knex, maxLagMs, live } = value
  const given = urls ?? knex
  if (!Array.isArray(given) || given.length === 0 || (urls !== undefined && knex !== undefined))
    return 'must have urls or knex, with at least one replica'
  const isWrong = urls === undefined ? (each: unknown) => !has(each, 'raw', 'transaction') : text
  if (given.some(isWrong)) return urls === undefined ? '.knex must be knex instances' : '.urls must be URLs'
  if (maxLagMs !== undefined && integer(100)(maxLagMs)) return '.maxLagMs must be an integer from 100 to 60000'
  return live === undefined || !boolean(live) ? undefined : '.live must be true or false'
}

/** The checks of all options. A missing check does not compile; an option that no type declares is refused. */
const checks: { readonly [Name in OptionName]: OptionCheck } = {
  auth,
  authenticate: isFunction,
  mapSubject: isFunction,
  context: isFunction,
  problems: problemsFault,
  guards,
  chargeAccess: oneOf('user', 'administrator'),
  routes,
  corsOrigins,
  publicUrl: httpUrl,
  authOffIsSafe: boolean,
  preset: text,
  policies: object,
  currency: (value) => (isCurrency(value) ? undefined : 'must be a code of ISO 4217, for example USD'),
  problemStatus: object,
  workers: (value) =>
    value === 'auto' ? undefined : integer(1, 256)(value) && "must be 'auto' or an integer from 1 to 256",
  trustProxy: integer(0),
  rateLimit: integer(0),
  liveConnections: integer(0),
  dataPlatform,
  demoData: boolean,
  demoSignIn: (value) => (value === 'local' ? undefined : boolean(value) && "must be true, false or 'local'"),
  demoPage: boolean,
  scheduler: boolean,
  jobs,
  limits: object,
  middleware: (value) =>
    Array.isArray(value) && value.every((each) => typeof each === 'function')
      ? undefined
      : 'must be a list of functions',
  observer,
  newId: isFunction,
  logger: (value) => (has(value, 'info', 'warn', 'error', 'child') ? undefined : 'must be a pino logger'),
  schema: text,
  migrate: boolean,
  clock: (value) => (has(value, 'now') ? undefined : 'must have a method now()'),
  redis,
  replicas,
  companions: object,
  // The adapter checks the format.
  databaseUrl: text,
  databasePool: integer(1),
  databasePrepared: boolean,
  databaseWaitMs: integer(0, 9_000),
  knex: (value) => (has(value, 'raw', 'transaction') ? undefined : 'must be a knex instance'),
  store: (value) => (isObject(value) && has(value, 'ping') ? undefined : 'must be a store'),
  locks: (value) => (has(value, 'withLock') ? undefined : 'must have a method withLock()'),
}

/** Every option of `createServer`. */
export const optionNames: readonly string[] = Object.keys(checks)

const storageOptions = ['databaseUrl', 'knex', 'store'] as const

/** Without effect beside `store`, which has settings of its own. */
const postgresOptions = [
  'schema',
  'migrate',
  'clock',
  'companions',
  'databasePrepared',
  'databaseWaitMs',
  'databasePool',
  'redis',
  'replicas',
] as const

/** Functions that workers would need: they cannot travel to another process. */
const inThisProcess = ['authenticate', 'mapSubject', 'context', 'routes'] as const

const functionOf = (options: Readonly<Record<string, unknown>>): string | undefined => {
  if (has(options['auth'], 'authenticate')) return 'an authenticator in auth'
  return inThisProcess.find((name) => options[name] !== undefined)
}

/** @throws TypeError that names the invalid option, and `of`: the function that takes the options */
export const checkOptions = (options: unknown, of = 'createServer'): void => {
  const wrong = (message: string) => new TypeError(`${of}: ${message}`)
  if (!isObject(options)) throw wrong('options must be an object')
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(checks, name)) throw wrong(`${name} is not an option`)
    const problem = value === undefined ? undefined : checks[name as OptionName](value)
    if (problem !== undefined) throw wrong(joined(name, problem))
  }
  if (options['authenticate'] === undefined) {
    const missing = auth(options['auth'])
    if (missing !== undefined) throw wrong(`auth ${missing}`)
  } else if (options['auth'] !== undefined) throw wrong('auth and authenticate exclude each other')
  const given = storageOptions.filter((name) => options[name] !== undefined)
  if (given.length !== 1)
    throw wrong(
      given.length === 0
        ? `one of ${storageOptions.join(', ')} is required`
        : `${given.join(' and ')} are mutually exclusive`,
    )
  const { workers = 1 } = options
  const functions = workers === 1 ? undefined : functionOf(options)
  if (functions !== undefined)
    throw wrong(
      `${functions} needs workers: 1, because functions cannot travel to workers: run several servers to use more processors`,
    )
  const without = postgresOptions.find((name) => options['store'] !== undefined && options[name] !== undefined)
  if (without !== undefined)
    throw wrong(`${without} needs databaseUrl or knex: with store, make the store with what it takes instead`)
}
