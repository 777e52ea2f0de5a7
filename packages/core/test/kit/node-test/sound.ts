import { describe, it } from 'node:test'
import { describeStore } from '../../../src/conformance/index.js'
import { inMemoryHarness } from '../in-memory-harness.js'

describeStore({ describe, it }, inMemoryHarness, { effort: 0.1 })
