import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { freePort, programOnPath } from '../../three-servers/src/processes.mjs'

const prefix = 'shopha'
const ip = (...args) => execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const quietly = (work) => {
  try {
    return work()
  } catch {
    return undefined
  }
}

const pidsIn = (space) => (quietly(() => ip('netns', 'pids', space)) ?? '').split('\n').filter(Boolean).map(Number)

const killAll = (space, signal) => {
  for (const pid of pidsIn(space)) quietly(() => process.kill(pid, signal))
}

const removeSpace = (space) => {
  killAll(space, 'SIGKILL')
  quietly(() => ip('netns', 'delete', space))
}

/** Removes what a run left that was itself killed: its name carries the id of its process. */
const removeLeftovers = () => {
  for (const line of ip('netns', 'list').split('\n')) {
    const [, owner] = new RegExp(`^(?:${prefix})(\\d+)n\\d`).exec(line) ?? []
    if (owner === undefined || existsSync(`/proc/${owner}`)) continue
    removeSpace(line.split(' ')[0])
    quietly(() => ip('link', 'delete', `${prefix}${owner}`))
  }
}

const freeSubnet = () => {
  const taken = ip('-o', '-4', 'addr')
  const third = Array.from({ length: 200 }, (_, n) => n + 20).find((n) => !taken.includes(` 10.213.${n}.`))
  return `10.213.${third}`
}

/**
 * A network in which each node has its own address, and can be cut off while it lives. Needs root.
 * @returns The hosts: `enter` is the command that runs a program there, `cut` drops all packets.
 */
const namespaces = (count) => {
  removeLeftovers()
  const bridge = `${prefix}${process.pid}`
  const subnet = freeSubnet()
  const names = Array.from({ length: count }, (_, n) => `${prefix}${process.pid}n${n + 1}`)
  const remove = () => {
    for (const space of names) removeSpace(space)
    quietly(() => ip('link', 'delete', bridge))
  }
  const add = (space, n) => {
    const near = `sh${process.pid}n${n + 1}`
    const address = `${subnet}.${11 + n}`
    ip('netns', 'add', space)
    ip('link', 'add', near, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space)
    ip('link', 'set', near, 'master', bridge, 'up')
    ip('-n', space, 'addr', 'add', `${address}/24`, 'dev', 'eth0')
    for (const device of ['lo', 'eth0']) ip('-n', space, 'link', 'set', device, 'up')
    return {
      address,
      enter: ['ip', 'netns', 'exec', space],
      port: async (wanted) => wanted,
      cut: () => ip('link', 'set', near, 'down'),
      heal: () => ip('link', 'set', near, 'up'),
      pids: () => pidsIn(space),
      remove: () => removeSpace(space),
    }
  }
  try {
    ip('link', 'add', bridge, 'type', 'bridge')
    ip('addr', 'add', `${subnet}.1/24`, 'dev', bridge)
    ip('link', 'set', bridge, 'up')
    return { hosts: names.map(add), cutsOff: true, remove }
  } catch (error) {
    remove()
    throw error
  }
}

/** All nodes on this machine's own address, at free ports. No node can be cut off. */
const loopback = (count) => ({
  hosts: Array.from({ length: count }, () => ({
    address: '127.0.0.1',
    enter: [],
    port: () => freePort(),
    pids: () => undefined,
  })),
  cutsOff: false,
  remove: () => undefined,
})

/** @returns The network, and why nodes cannot be cut off, if so. */
export const openNetwork = (count) => {
  if (process.getuid() !== 0) return { ...loopback(count), reason: 'network namespaces need root' }
  if (!programOnPath('ip')) return { ...loopback(count), reason: 'ip is missing: apt-get install iproute2' }
  try {
    return namespaces(count)
  } catch (error) {
    return { ...loopback(count), reason: `no network namespaces here: ${String(error.message).split('\n').at(-1)}` }
  }
}
