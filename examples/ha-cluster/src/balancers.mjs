import { fileURLToPath } from 'node:url'
import { freePort } from '../../three-servers/src/processes.mjs'
import { daemon } from './daemon.mjs'

const settings = fileURLToPath(new URL('../config/haproxy.cfg', import.meta.url))

/** HAProxy before the nodes. `writes` and `reads` are its ports on this machine. */
export const startHaproxy = async (nodes, { folder, paths, redisPorts }) => {
  const [writes, reads, redis] = [await freePort(), await freePort(), await freePort()]
  const places = nodes.flatMap(({ address, postgres, rest }, n) => [
    [`NODE${n + 1}`, `${address}:${postgres}`],
    [`REST${n + 1}`, String(rest)],
  ])
  const haproxy = daemon('HAProxy', {
    command: [paths.haproxy, '-db', '-f', settings],
    env: {
      ...Object.fromEntries(redisPorts.map((port, n) => [`REDIS${n + 1}`, `127.0.0.1:${port}`])),
      REDIS: `127.0.0.1:${redis}`,
      ...Object.fromEntries(places),
      WRITES: `127.0.0.1:${writes}`,
      READS: `127.0.0.1:${reads}`,
    },
    log: `${folder}/haproxy.log`,
    cwd: folder,
  })
  await haproxy.start()
  return { writes, reads, redis, stop: haproxy.stop }
}
