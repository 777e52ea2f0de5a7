import { defineConfig, mergeConfig } from 'vitest/config'
import { sources } from './vitest.config.js'

/** Attacks and outages that take long or need many connections: `npm run test:attacks`. One at a time: they measure. */
export default mergeConfig(
  sources,
  defineConfig({
    test: {
      name: 'attacks',
      include: ['{packages/*,test-support,bench}/test/**/*.attack.spec.ts'],
      globalSetup: ['./test-support/global-setup.ts', './test-support/redis/global-setup.ts'],
      fileParallelism: false,
      testTimeout: 300_000,
      hookTimeout: 120_000,
    },
  }),
)
