import { createShop } from '../../src/index.js'
import type { Mutant } from './mutant.js'

export const executorMutants: readonly Mutant[] = [
  {
    id: 'M06',
    title: 'key ignores what was asked for',
    part: 'executor',
    fits: ['ALONE', 'INTERLEAVED'],
    breaks: { key: (key) => ({ ...key, request: 'anything' }) },
  },
  {
    id: 'M31',
    title: 'one key for all users instead of one per user',
    part: 'executor',
    fits: ['ALONE', 'INTERLEAVED'],
    breaks: { key: (key) => ({ ...key, scope: 'everybody' }) },
  },
  {
    id: 'M37',
    title: 'retry without a bound',
    part: 'executor',
    fits: ['PATIENCE-ENDS'],
    breaks: {
      open: (options) =>
        createShop({ ...options, limits: { ...options.limits, maxRetries: 1e9, timeoutMs: Number.POSITIVE_INFINITY } }),
    },
  },
]
