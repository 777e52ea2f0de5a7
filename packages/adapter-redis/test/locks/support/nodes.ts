import { type RedisServer, startRedis } from '@shop/test-support/redis'
import { connectRedis, type RedisConnection, type RedisConnectionOptions } from '../../../src/index.js'

export interface Nodes {
  readonly servers: readonly RedisServer[]
  /**
   * Connects a new client to every node, or to these addresses, as a server of the shop does. By default its time limits
   * are long, so that a busy machine causes no timeout.
   */
  connect(options?: RedisConnectionOptions, urls?: readonly string[]): Promise<RedisConnection[]>
  /** Closes clients and ends servers. */
  stop(): Promise<void>
}

const patient = { callMs: 5000, silenceMs: 5000 }

export const startNodes = async (count: number): Promise<Nodes> => {
  const servers = await Promise.all(Array.from({ length: count }, () => startRedis()))
  const open: RedisConnection[] = []
  return {
    servers,
    async connect(options = {}, urls = servers.map(({ url }) => url)) {
      const connections = urls.map((url) => connectRedis(url, { ...patient, ...options }))
      open.push(...connections)
      await Promise.all(connections.map((connection) => connection.ready(5000)))
      return connections
    },
    async stop() {
      await Promise.all(open.map((connection) => connection.close()))
      await Promise.all(servers.map((server) => server.stop()))
    },
  }
}
