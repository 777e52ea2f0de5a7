import { describe, it } from 'vitest'
import { describeLocks, describeStore } from '../../src/conformance/index.js'
import { inProcessLocks } from '../../src/index.js'
import { inMemoryHarness } from './in-memory-harness.js'

describeStore({ describe, it }, inMemoryHarness, { effort: 3 })

describeLocks(
  { describe, it },
  {
    name: 'in process',
    async create() {
      const locks = inProcessLocks()
      return { first: locks, second: locks, close: async () => {} }
    },
  },
)
