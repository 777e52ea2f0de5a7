import { describeLocks } from '@shop/core/conformance'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { redisLocks } from '../../src/index.js'
import { type Nodes, startNodes } from './support/nodes.js'

describe.each([1, 3])('locks over %i nodes', (count) => {
  let nodes: Nodes

  beforeAll(async () => {
    nodes = await startNodes(count)
  })
  afterAll(() => nodes.stop())

  describeLocks(
    { describe, it },
    {
      name: 'Redlock',
      async create() {
        await Promise.all(nodes.servers.map((server) => server.flush()))
        const [first, second] = [redisLocks(await nodes.connect()), redisLocks(await nodes.connect())]
        return { first, second, close: async () => {} }
      },
    },
  )
})
