// Runs inside the folder that `scripts/examples.mjs` lays out: without the workspace's own condition, so from what is published.
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
