// Runs in the folder that `scripts/examples.mjs` creates. It omits the workspace's own export condition, so it
// tests the published files.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['examples/*/test/**/*.{unit,int}.spec.ts'],
    globalSetup: ['./global-setup.mjs'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    server: { deps: { inline: [/@shop\/test-support/] } },
  },
})
