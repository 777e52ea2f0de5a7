import { defineConfig, mergeConfig } from 'vitest/config'
import { sources } from './vitest.config.js'

/** Every mutant with three seeds and the smallest history that catches it: `pnpm test:mutants`. */
export default mergeConfig(
  sources,
  defineConfig({ test: { name: 'mutants', include: ['packages/*/test/**/*.mutant.spec.ts'] } }),
)
