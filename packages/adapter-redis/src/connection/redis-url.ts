/** Where a node or a Sentinel listens. */
export interface RedisHost {
  /** A host name or an IP address; IPv6 without brackets. */
  readonly host: string
  /** From 1 to 65535. */
  readonly port: number
}

/** What every Redis URL names. */
interface Target {
  /** Hosts and ports, and the name of a Sentinel group. Without user and password, so a log may show it. */
  readonly address: string
}

/** Nodes that belong together. */
interface GroupTarget extends Target {
  /** Some of the nodes or Sentinels, at least one; the client learns of the others from them. */
  readonly hosts: readonly RedisHost[]
  /** Whether connections use TLS, also those to Sentinels. */
  readonly tls: boolean
  /** The user of Redis. @default The default user. */
  readonly username?: string
  /** The password of Redis. @default None. */
  readonly password?: string
}

/**
 * What a Redis URL names:
 * - `node`: one Redis;
 * - `cluster`: a Redis Cluster, which always uses database 0;
 * - `sentinel`: the primary that the Sentinels know as `name`. `db` is the database's number.
 */
export type RedisTarget =
  | (Target & { readonly kind: 'node'; readonly url: string })
  | (GroupTarget & { readonly kind: 'cluster' })
  | (GroupTarget & {
      readonly kind: 'sentinel'
      readonly name: string
      readonly db: number
      readonly sentinelUsername?: string
      readonly sentinelPassword?: string
    })

/** The forms of a Redis URL, for messages to people. */
export const redisUrlRule =
  'a URL like redis://host:6379, redis-cluster://host1:7000,host2:7000 or redis-sentinel://host1,host2/name ' +
  '(rediss… for TLS; write %, @, /, ? and , in a password as %25, %40, %2F, %3F and %2C)'

const group = /^(rediss?)-(cluster|sentinel):\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/
const hostAndPort = /^(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/
const sentinelPath = /^([\w.-]+)(?:\/(\d{1,4}))?$/
const maxPort = 65_535

/** Undefined if the text cannot be percent-decoded. */
const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const parseHost = (text: string, defaultPort: number): RedisHost | undefined => {
  const [, ipv6, name, digits = String(defaultPort)] = hostAndPort.exec(text.trim()) ?? []
  const [host, port] = [ipv6 ?? name, Number(digits)]
  return host !== undefined && port >= 1 && port <= maxPort ? { host, port } : undefined
}

type Credentials = Pick<GroupTarget, 'username' | 'password'>

/** A user needs a password; a password alone is that of the default user. */
const parseCredentials = (text: string | undefined): Credentials | undefined => {
  if (text === undefined) return {}
  const colon = text.indexOf(':')
  const username = decoded(text.slice(0, colon))
  const password = decoded(text.slice(colon + 1))
  if (colon < 0 || username === undefined || !password) return undefined
  return username === '' ? { password } : { username, password }
}

type SentinelCredentials = { -readonly [Name in 'sentinelUsername' | 'sentinelPassword']?: string }

const parseQuery = (query = ''): SentinelCredentials | undefined => {
  const found: SentinelCredentials = {}
  for (const part of query.split('&').filter((each) => each !== '')) {
    const [name, text = ''] = part.split(/=(.*)/s)
    const value = decoded(text)
    if ((name !== 'sentinelUsername' && name !== 'sentinelPassword') || !value || found[name]) return undefined
    found[name] = value
  }
  return found.sentinelUsername && !found.sentinelPassword ? undefined : found
}

const parseGroup = (url: string): RedisTarget | undefined => {
  const [, scheme, kind, userInfo, hostList = '', path, query] = group.exec(url) ?? []
  const texts = hostList.split(',')
  const hosts = texts.flatMap((text) => parseHost(text, kind === 'cluster' ? 6379 : 26_379) ?? [])
  const credentials = parseCredentials(userInfo)
  if (!credentials || hosts.length !== texts.length) return undefined
  const shared = { hosts, tls: scheme === 'rediss', ...credentials }
  const address = hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',')
  if (kind === 'cluster') {
    const isPlain = (path === undefined || path === '' || path === '0') && query === undefined
    return isPlain ? { kind: 'cluster', address, ...shared } : undefined
  }
  const [, name, db = '0'] = sentinelPath.exec(path ?? '') ?? []
  const sentinels = parseQuery(query)
  if (name === undefined || !sentinels) return undefined
  return { kind: 'sentinel', address: `${address}/${name}`, name, db: Number(db), ...shared, ...sentinels }
}

const parseNode = (url: string): RedisTarget | undefined => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !['redis:', 'rediss:'].includes(parsed.protocol) || parsed.host.includes(',')) return undefined
  return decoded(parsed.username + parsed.password) === undefined
    ? undefined
    : { kind: 'node', url, address: parsed.host }
}

/**
 * Reads a Redis URL. User and password before the hosts are those of Redis and percent-encoded. Undefined for any other text.
 *
 * - `redis://user:password@host:6379/0`: one Redis.
 * - `redis-cluster://user:password@host1:7000,host2:7000`: a cluster. The port is 6379 unless given. No database number.
 * - `redis-sentinel://user:password@host1:26379,host2/name/0?sentinelUsername=…&sentinelPassword=…`: a primary with
 *   Sentinels. The port is 26379 and the database 0 unless given.
 *
 * `rediss`, `rediss-cluster` and `rediss-sentinel` use TLS, for Sentinels, too.
 *
 * @example parseRedisUrl('redis-sentinel://one,two,three/shop')?.address // 'one:26379,two:26379,three:26379/shop'
 */
export const parseRedisUrl = (url: string): RedisTarget | undefined =>
  /^rediss?-/.test(url) ? parseGroup(url) : parseNode(url)

/**
 * Splits a list of Redis URLs at the commas between URLs. Commas between the hosts of one URL stay.
 *
 * @example splitRedisUrls('redis://one, redis://two') // ['redis://one', 'redis://two']
 */
export const splitRedisUrls = (list: string): readonly string[] =>
  list.split(/,(?=\s*rediss?(?:-cluster|-sentinel)?:\/\/)/).map((url) => url.trim())
