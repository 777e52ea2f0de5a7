import { createServer } from 'node:net'

const [lowest, highest] = [10_000, 31_999]
const taken = new Set<number>()

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/**
 * A free port below those that Linux gives to outgoing connections: it stays free until a server listens there, and while
 * the server restarts.
 */
export const quietPort = async (): Promise<number> => {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest))
    if (taken.has(port)) continue
    taken.add(port)
    if (await isFree(port)) return port
  }
}
