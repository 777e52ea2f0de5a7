import { integer } from '@shop/core/commands'
import type { ShopsOptions } from '../tenants/shops-options.js'
import { isFunction, isObject, type OptionCheck, text } from '../util/option-check.js'
import { checkOptions } from './check-options.js'

const headerName: OptionCheck = (value) =>
  typeof value === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(value) ? undefined : 'must be the name of a header'

const domainName: OptionCheck = (value) =>
  typeof value === 'string' && /^[A-Za-z0-9.-]{1,253}$/.test(value) && !value.startsWith('.')
    ? undefined
    : 'must be the name of a domain, like shops.example'

const hostNames: OptionCheck = (value) =>
  isObject(value) && Object.values(value).every((each) => text(each) === undefined)
    ? undefined
    : 'must be an object with ids of shops by host name'

/** What each way to name a shop takes. */
const naming: Readonly<Record<string, Readonly<Record<string, OptionCheck>>>> = {
  claim: { claim: text },
  header: { claim: text, header: headerName },
  host: { claim: text, domain: domainName, hosts: hostNames },
}

const tenants: OptionCheck = (value) => {
  if (!isObject(value)) return ' must be an object'
  const { from, ...given } = value
  const checks = typeof from === 'string' && Object.hasOwn(naming, from) ? naming[from] : undefined
  if (!checks) return `.from must be one of ${Object.keys(naming).join(', ')}`
  for (const [name, each] of Object.entries(given)) {
    const check = checks[name]
    if (!check) return `.${name} is not an option with from: '${from}'`
    const fault = each === undefined ? undefined : check(each)
    if (fault !== undefined) return `.${name} ${fault}`
  }
  if (from === 'host' && given['domain'] === undefined && given['hosts'] === undefined)
    return " must have domain or hosts with from: 'host'"
  return undefined
}

/** `sender` would have to know the shop of each event. */
const platform: OptionCheck = (value) =>
  isObject(value) && value['sender'] !== undefined ? ' must be { url, secret } or { senderOf }' : undefined

/** The fault with a space before it, because the name of the option comes first. */
const spaced =
  (check: OptionCheck): OptionCheck =>
  (value) => {
    const fault = check(value)
    return fault === undefined ? undefined : ` ${fault}`
  }

const checks: Readonly<Record<string, OptionCheck>> = {
  locate: spaced(isFunction),
  list: spaced(isFunction),
  isOutdated: spaced(isFunction),
  tenants,
  dataPlatform: platform,
  idleMs: spaced(integer(1_000)),
  maxOpen: spaced(integer(1)),
  closedJobsMs: spaced(integer(1_000)),
}

/** The options that only `createShops` has. */
export const shopsOptionNames: readonly string[] = Object.keys(checks)

/** The options of `createServer` that `locate` gives for each shop. */
const locatedOptions = ['databaseUrl', 'schema', 'preset', 'policies', 'currency']

/** The options of `createServer` that a server of many shops does not have. */
const absentOptions = ['knex', 'store', 'locks', 'replicas', 'demoData', 'demoSignIn', 'demoPage']

/** @throws TypeError that names the invalid option */
export const checkShopsOptions = (options: ShopsOptions): void => {
  const wrong = (fault: string) => new TypeError(`createShops: ${fault}`)
  if (!isObject(options)) throw wrong('options must be an object')
  const given: Readonly<Record<string, unknown>> = options
  const isGiven = (name: string) => given[name] !== undefined
  const located = locatedOptions.find(isGiven)
  if (located !== undefined) throw wrong(`${located} is not an option: locate(shopId) says it for each shop`)
  const absent = absentOptions.find(isGiven)
  if (absent !== undefined) throw wrong(`${absent} is not an option of a server of many shops`)
  for (const name of ['locate', 'list']) if (given[name] === undefined) throw wrong(`${name} is required`)
  for (const [name, check] of Object.entries(checks)) {
    const fault = given[name] === undefined ? undefined : check(given[name])
    if (fault !== undefined) throw wrong(`${name}${fault}`)
  }
  const {
    locate: _locate,
    list: _list,
    isOutdated: _isOutdated,
    tenants: naming,
    idleMs: _idle,
    maxOpen: _max,
    closedJobsMs: _jobs,
    ...rest
  } = options
  const { dataPlatform, ...common } = rest
  const isOfUrl = dataPlatform !== undefined && !('senderOf' in dataPlatform && dataPlatform.senderOf)
  // What is common to all shops has the meaning that it has in a server of one.
  checkOptions(
    { ...common, ...(isOfUrl && { dataPlatform }), databaseUrl: 'postgres://localhost/shops' },
    'createShops',
  )
  const { from } = naming ?? { from: 'claim' }
  if (from === 'claim' && options.auth === 'off')
    throw wrong("tenants.from must be 'header' or 'host' with auth: 'off': there are no tokens then")
  if (from === 'header' && (options.trustProxy ?? 0) < 1)
    throw wrong("trustProxy must be at least 1 with tenants.from: 'header': any client could name any shop")
}
