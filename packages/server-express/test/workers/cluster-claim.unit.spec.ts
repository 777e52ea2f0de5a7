import cluster from 'node:cluster'
import { expect, test } from 'vitest'
import { claimCluster } from '../../src/workers/cluster-claim.js'

test('the cluster of a process is for the workers of one server, and not for those of a host', () => {
  cluster.settings.exec = '/host/worker.js'
  expect(() => claimCluster()).toThrow(/this process uses node:cluster itself.*: use workers: 1$/)
  delete cluster.settings.exec

  const release = claimCluster()
  // What our own workers have set.
  cluster.settings.exec = '/shop/worker.js'
  expect(() => claimCluster()).toThrow(/another server of this process has workers.*: use workers: 1$/)
  release()
  const releaseNext = claimCluster()
  release()
  expect(() => claimCluster()).toThrow(/another server/)
  releaseNext()
})
