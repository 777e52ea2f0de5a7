import { RedisAway } from './redis-away.js'

/**
 * What `call` answers, or `RedisAway` after so many milliseconds. When the time is over it still takes what has arrived by then:
 * where this process was too busy to look, Redis is not to blame.
 */
export const within = <T>(ms: number, call: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const giveUp = () => reject(new RedisAway('timeout'))
    // What has arrived is read between a timer and an immediate.
    const timer = setTimeout(() => setImmediate(giveUp), ms)
    call.then(resolve, reject).finally(() => clearTimeout(timer))
  })
