import { describe, it } from 'node:test'
import { describeStore } from '../../../src/conformance/index.js'
import { inMemoryHarness } from '../in-memory-harness.js'

describeStore(
  { describe, it },
  {
    name: 'a store that knows of no commit',
    async create(options) {
      const subject = await inMemoryHarness.create(options)
      return { ...subject, store: { ...subject.store, committed: async () => false } }
    },
  },
  { effort: 0.1 },
)
