import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startBalancer } from '../../three-servers/src/balancer.mjs'
import { freePort, mainOf, serverEnvironment } from '../../three-servers/src/processes.mjs'
import { daemon, until } from './daemon.mjs'

/** Resident memory in MB, and open descriptors, of a process. Undefined if it has ended. */
const sizeOf = (pid) => {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return { memory: Math.round(Number(kilobytes) / 1_024), descriptors: readdirSync(`/proc/${pid}/fd`).length }
  } catch {
    return undefined
  }
}

const serverAt = (port, name, { folder, urls }) => {
  let settings = {}
  let process
  return {
    name,
    size: () => sizeOf(process.pid()),
    pid: () => process.pid(),
    /** Starts this release, or that of the checkout. Resolves once it answers that it is ready. */
    async start({ checkout, env = settings.env } = {}) {
      settings = { env }
      process = daemon(name, {
        command: [globalThis.process.execPath, mainOf(checkout)],
        env: { ...serverEnvironment(port, urls), LOG_LEVEL: 'warn', SHOP_DRAIN_MS: '2000', ...urls.env, ...env },
        log: join(folder, `${name}.log`),
        cwd: folder,
      })
      await process.start()
      await until(`${name} is ready`, async () => {
        if (!process.isRunning()) return false
        return (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200
      })
    },
    /** Ends as a deployment ends it: it drains, finishes and closes. */
    stop: () => process.stop(),
    kill: () => process?.kill(),
  }
}

/** Three servers behind nginx. `env`: variables beside those of the cluster. */
export const startServers = async (urls, { folder, checkout, env }) => {
  const ports = [await freePort(), await freePort(), await freePort()]
  const servers = ports.map((port, n) => serverAt(port, `server${n + 1}`, { folder, urls }))
  await Promise.all(servers.map((server) => server.start({ checkout, env })))
  const port = await freePort()
  const balancer = await startBalancer(port, ports, join(folder, 'nginx'))
  return {
    servers,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      await balancer.stop()
      await Promise.all(servers.map((server) => server.kill()))
    },
  }
}
