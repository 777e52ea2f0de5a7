import { findProgram, type Program } from '../distribution.js'

/** A Redis server that can be started. */
export type RedisProgram = Program

/** REDIS_SERVER_BIN, else what is installed, else the distribution's own packages in a cache folder. Rejects where there is none. */
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
