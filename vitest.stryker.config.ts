import { defineConfig } from 'vitest/config'

// One project only, which is what Stryker can run. The random histories stay out: what they kill, they kill by luck.
export default defineConfig({
  test: {
    isolate: false,
    include: ['packages/core/test/{unit,executor,idempotency}/**/*.unit.spec.ts'],
    setupFiles: ['packages/core/test/mutation/fixed-seed.ts'],
  },
})
