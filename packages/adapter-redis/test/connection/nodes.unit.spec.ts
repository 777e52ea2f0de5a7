import { EventEmitter } from 'node:events'
import type { Redis } from 'ioredis'
import { expect, test, vi } from 'vitest'
import { type RedisClient, watchReady } from '../../src/connection/nodes.js'

const nodeOf = () => new EventEmitter() as EventEmitter & Redis

test('a cluster is watched with the nodes that it has, and holds none that it has lost', () => {
  const [first, second] = [nodeOf(), nodeOf()]
  const cluster = Object.assign(new EventEmitter(), { isCluster: true, nodes: () => [first] })
  const onChange = vi.fn()
  const end = watchReady(cluster as unknown as RedisClient, onChange)
  cluster.emit('+node', second)
  for (const each of [cluster, first, second]) each.emit('ready')
  expect(onChange).toHaveBeenCalledTimes(3)
  cluster.emit('-node', first)
  expect([first.listenerCount('ready'), second.listenerCount('ready')]).toEqual([0, 1])
  end()
  expect([cluster, second].map((each) => each.listenerCount('ready'))).toEqual([0, 0])
  expect(cluster.eventNames()).toEqual([])
})
