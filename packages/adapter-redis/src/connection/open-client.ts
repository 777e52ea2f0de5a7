import { Cluster, Redis } from 'ioredis'
import { parseRedisUrl, type RedisTarget, redisUrlRule } from './redis-url.js'
import { backoffDelay, type RedisTimes, redisClusterSettings, redisSettings } from './settings.js'

interface ClientOptions extends RedisTimes {
  readonly name?: string
}

type Group<Kind extends RedisTarget['kind']> = Extract<RedisTarget, { readonly kind: Kind }>

/** ioredis takes an undefined user or password for one that was given. */
const given = <T extends object>(fields: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never

const openCluster = ({ hosts, tls, username, password }: Group<'cluster'>, options: ClientOptions): Cluster => {
  const settings = redisClusterSettings(options)
  const redisOptions = {
    ...settings.redisOptions,
    ...given({ username, password, connectionName: options.name }),
    ...(tls && { tls: {} }),
  }
  return new Cluster([...hosts], { ...settings, redisOptions })
}

const openSentinel = (target: Group<'sentinel'>, options: ClientOptions): Redis => {
  const { hosts, name, db, tls, username, password, sentinelUsername, sentinelPassword } = target
  const settings = redisSettings(options)
  return new Redis({
    ...settings,
    sentinels: [...hosts],
    name,
    db,
    sentinelCommandTimeout: settings.commandTimeout,
    sentinelRetryStrategy: (attempt) => backoffDelay(attempt),
    ...given({ username, password, sentinelUsername, sentinelPassword, connectionName: options.name }),
    ...(tls && { tls: {}, enableTLSForSentinelMode: true, sentinelTLS: {} }),
  })
}

/** Connects a client in the background. Throws a TypeError, without the URL, for a malformed cluster or Sentinel URL. */
export const openClient = (url: string, options: ClientOptions): Redis | Cluster => {
  const target = parseRedisUrl(url)
  if (target?.kind === 'cluster') return openCluster(target, options)
  if (target?.kind === 'sentinel') return openSentinel(target, options)
  if (/^rediss?-/.test(url)) throw new TypeError(`connectRedis: url must be ${redisUrlRule}`)
  // ioredis also takes the path of a socket, and a port.
  return new Redis(url, { ...redisSettings(options), ...given({ connectionName: options.name }) })
}
