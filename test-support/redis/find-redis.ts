import { findProgram, type Program } from '../distribution.js'

/** An executable Redis server. */
export type RedisProgram = Program

/**
 * Finds a Redis server: REDIS_SERVER_BIN, then on the PATH, then in distribution packages in a cache folder.
 * Rejects if none is found.
 */
export const findRedis = (): Promise<RedisProgram> =>
  findProgram({
    names: ['redis-server', 'valkey-server'],
    variable: 'REDIS_SERVER_BIN',
    packages: ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1'],
    file: 'usr/bin/redis-server',
    advice:
      'These tests need a Redis server, and none was found. Install one ("apt install redis-server", "brew install redis"), ' +
      'or set REDIS_SERVER_BIN to the path of redis-server or valkey-server.',
  })
