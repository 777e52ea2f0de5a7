import { command } from './resp.js'
import type { RedisServer } from './start-redis.js'

/**
 * From now on the replicas receive nothing more, although the primary goes on to acknowledge writes. A failover loses these.
 */
export const stopReplication = async (primary: RedisServer, replicas: readonly RedisServer[]): Promise<void> => {
  for (const { port } of replicas) await command(port, 'CONFIG', 'SET', 'masteruser', 'nobody', 'masterauth', 'wrong')
  await command(primary.port, 'CLIENT', 'KILL', 'TYPE', 'replica')
}

/** Lets replicas follow a primary again. */
export const resumeReplication = async (replicas: readonly RedisServer[]): Promise<void> => {
  for (const { port } of replicas) await command(port, 'CONFIG', 'SET', 'masteruser', '', 'masterauth', '')
}
