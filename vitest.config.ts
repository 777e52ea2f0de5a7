import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { FileOrder } from './test-support/file-order.js'

// Tests run on the sources of every package, so they need no build.
const conditions = ['@shop/source', 'module', 'node', 'development|production']
export const sources = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@shop/source', 'node'] } },
}

/** No test depends on a fast machine: loading an adapter, for example, takes seconds while others run. */
const limits = { testTimeout: 30_000, hookTimeout: 30_000, expect: { poll: { timeout: 10_000 } } }

export default defineConfig({
  test: {
    // Most of the time a test waits for a server, a database or a child: one worker for each core leaves cores idle.
    maxWorkers: Math.max(3, availableParallelism()),
    sequence: { sequencer: FileOrder },
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.d.ts', '**/main.ts'],
      reporter: ['text', 'html', 'json-summary'],
    },
    projects: [
      {
        ...sources,
        test: {
          name: 'unit',
          include: ['{packages/*,examples/*,test-support,bench}/test/**/*.{unit,contract}.spec.ts'],
          ...limits,
        },
      },
      {
        ...sources,
        test: {
          name: 'integration',
          include: ['{packages/*,examples/*,test-support,bench}/test/**/*.{int,e2e}.spec.ts'],
          globalSetup: ['./test-support/global-setup.ts'],
          ...limits,
        },
      },
      {
        ...sources,
        test: {
          name: 'redis',
          include: ['{packages/*,examples/*,test-support}/test/**/*.redis.spec.ts'],
          globalSetup: ['./test-support/global-setup.ts', './test-support/redis/global-setup.ts'],
          ...limits,
        },
      },
    ],
  },
})
