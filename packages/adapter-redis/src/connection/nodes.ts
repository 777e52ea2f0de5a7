import type { Cluster, Redis } from 'ioredis'

/** A client of ioredis: of one Redis, which Sentinels may name, or of a cluster. */
export type RedisClient = Redis | Cluster

/** Compares a field, so that two copies of ioredis understand each other. */
export const isCluster = (redis: RedisClient): redis is Cluster => redis.isCluster

/** Whether another node may take over from the one that replies, without all that it has acknowledged. */
export const canFailOver = (redis: RedisClient): boolean =>
  isCluster(redis) || (redis.options.sentinels ?? []).length > 0

/** Whether commands can be sent. In a cluster: to every master. */
export const isConnected = (redis: RedisClient): boolean =>
  redis.status === 'ready' && (!isCluster(redis) || redis.nodes('master').every(({ status }) => status === 'ready'))

/** Calls `onChange` whenever a node has become ready. Returns what ends this. */
export const watchReady = (redis: RedisClient, onChange: () => void): (() => void) => {
  const nodes = new Set<Redis>()
  const watch = (node: Redis) => {
    nodes.add(node)
    node.on('ready', onChange)
  }
  // A node that comes back is another object.
  const forget = (node: Redis) => {
    nodes.delete(node)
    node.off('ready', onChange)
  }
  redis.on('ready', onChange)
  if (isCluster(redis)) {
    for (const node of redis.nodes()) watch(node)
    redis.on('+node', watch)
    redis.on('-node', forget)
  }
  return () => {
    redis.off('ready', onChange)
    redis.off('+node', watch)
    redis.off('-node', forget)
    for (const node of nodes) forget(node)
  }
}

/**
 * Connects to the masters of a cluster before the first command needs one. Without it, all but the first of several
 * concurrent commands would fail: ioredis refuses them while a node is being connected.
 */
export const connectMasters = (cluster: Cluster): void => {
  const connect = () => {
    // Before that, ioredis chooses a node for its own questions, and gives up if somebody else is connecting it.
    if (cluster.status !== 'ready') return
    for (const node of cluster.nodes('master')) {
      if (node.status === 'wait') node.connect().catch(() => undefined)
    }
  }
  cluster.on('ready', connect)
  // A redirected command that created the node connects it itself.
  cluster.on('+node', () => setImmediate(connect))
  connect()
}
