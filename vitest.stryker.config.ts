import { defineConfig } from 'vitest/config'

// One project only, which is what Stryker can run. The random histories stay out: what they kill, they kill by luck.
export default defineConfig({
  test: {
    // Mutants are ended by Stryker; on a busy machine the run without mutants must not fail.
    testTimeout: 60_000,
    // Files that share their modules halve the time and change no result.
    isolate: false,
    include: [
      'packages/core/test/{unit,executor,idempotency}/**/*.unit.spec.ts',
      'packages/core/test/face/{inputs,times}.unit.spec.ts',
    ],
    setupFiles: ['packages/core/test/mutation/fixed-seed.ts'],
  },
})
