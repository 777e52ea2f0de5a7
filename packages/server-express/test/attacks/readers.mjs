import { Agent, get } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

/** Concurrent readers in a separate thread. Each requests one path after another until it is told to stop. */
const { url, paths, readers } = workerData
const agent = new Agent({ keepAlive: true, maxSockets: readers })
const statuses = {}
const withoutRetryAfter = { count: 0 }
let isOver = false
let next = 0

const ask = (path) =>
  new Promise((resolve) => {
    const count = (status) => {
      statuses[status] = (statuses[status] ?? 0) + 1
      resolve()
    }
    get(`${url}${path}`, { agent }, (response) => {
      if (response.statusCode === 503 && response.headers['retry-after'] === undefined) withoutRetryAfter.count += 1
      response.resume().on('end', () => count(response.statusCode))
    }).on('error', () => count('error'))
  })

const read = async () => {
  while (!isOver) {
    next += 1
    await ask(paths[next % paths.length])
  }
}

parentPort.once('message', () => {
  isOver = true
})
await Promise.all(Array.from({ length: readers }, read))
agent.destroy()
parentPort.postMessage({ statuses, withoutRetryAfter: withoutRetryAfter.count })
