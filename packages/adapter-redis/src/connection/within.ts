import { RedisAway } from './redis-away.js'

/**
 * Settles as `call` does, or rejects with `RedisAway` after `ms`. A reply that has arrived by then still counts:
 * if this process was too busy to read it, Redis is not to blame.
 */
export const within = <T>(ms: number, call: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const giveUp = () => reject(new RedisAway('timeout'))
    // Node reads sockets between timers and immediates.
    const timer = setTimeout(() => setImmediate(giveUp), ms)
    call.then(resolve, reject).finally(() => clearTimeout(timer))
  })
