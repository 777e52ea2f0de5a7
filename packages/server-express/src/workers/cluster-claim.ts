import cluster from 'node:cluster'

/** Whether a server of this process has workers now. */
let isClaimed = false
/** Whether the settings of `node:cluster` are those of our workers. */
let isOurs = false

const refuse = (reason: string): never => {
  throw new Error(`createServer: ${reason}: use workers: 1`)
}

/**
 * Claims `node:cluster` for the workers of one server. A process has one: it has one set of settings, and gives
 * workers that listen on the same address the same socket, whichever server they belong to. Call what it returns once
 * all workers have ended. Refuses, in this order: a process that is a worker itself, a second server, and a host that
 * uses `node:cluster` itself.
 */
export const claimCluster = (): (() => void) => {
  if (!cluster.isPrimary) refuse('workers cannot start in a process that is itself a worker of node:cluster')
  if (isClaimed) refuse('another server of this process has workers, and a process can have those of one server')
  const isOfHost = cluster.settings.exec !== undefined || Object.keys(cluster.workers ?? {}).length > 0
  if (!isOurs && isOfHost) refuse('this process uses node:cluster itself, and workers would replace its settings')
  isClaimed = true
  isOurs = true
  let isHeld = true
  return () => {
    if (isHeld) isClaimed = false
    isHeld = false
  }
}
