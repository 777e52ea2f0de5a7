import { describeStore } from '@shop/core/conformance'
import { describe, it } from 'vitest'
import { sqliteHarness } from './sqlite-harness.js'

describeStore({ describe, it }, sqliteHarness, { effort: 0.2 })
