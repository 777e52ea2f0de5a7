import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { workerCount } from '../../src/workers/worker-count.js'

test('a server has no workers unless it is told to, and leaves a processor to the engine by itself', () => {
  expect(workerCount()).toBe(1)
  expect(workerCount(3)).toBe(3)
  expect(workerCount('auto')).toBe(Math.max(1, availableParallelism() - 1))
})
