import { describe, it } from 'vitest'
import { describeStore } from '../../src/conformance/index.js'
import { inMemoryHarness } from './in-memory-harness.js'
import { replicatedStore } from './replicated-store.js'

describeStore(
  { describe, it },
  {
    name: 'in memory, with a replica that lags',
    async create(options) {
      const subject = await inMemoryHarness.create(options)
      return { ...subject, store: replicatedStore(subject.store) }
    },
  },
  { effort: 0.3 },
)
