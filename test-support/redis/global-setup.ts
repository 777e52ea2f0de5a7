import type { TestProject } from 'vitest/node'
import { findRedis, type RedisProgram } from './find-redis.js'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The program from which test files start their own Redis servers. */
    redisProgram: RedisProgram
  }
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide('redisProgram', await findRedis())
}
