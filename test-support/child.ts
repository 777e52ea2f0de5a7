import { type ChildProcess, spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Program } from './distribution.js'

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

/** Resolves with the process once its output contains `ready`. Rejects with the last output if it exits first. */
export const untilReady = (name: string, child: ChildProcess, ready: string): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    let log = ''
    const listen = (chunk: Buffer) => {
      log = (log + chunk).slice(-4000)
      if (log.includes(ready)) resolve(child)
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${log}`)))
  })

export const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })

/** On Linux, a process can be set to end with its parent. */
const withParentDeathSignal = (program: string): readonly [string, ...string[]] =>
  process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', program] : [program]

/** Starts a program that ends with the test process. Resolves once its output contains `ready`. */
export const launch = ({ path, libraries }: Program, args: readonly string[], ready: string): Promise<ChildProcess> => {
  const [command, ...first] = withParentDeathSignal(path)
  const env = libraries ? { ...process.env, LD_LIBRARY_PATH: libraries } : process.env
  const child = spawn(command, [...first, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  return untilReady(path, child, ready)
}

/** A server process that tests disturb. */
export interface RestartableProcess {
  /** Of the current process. */
  pid(): number
  /** Freezes the process (SIGSTOP): connections stay open, without replies. */
  freeze(): void
  thaw(): void
  /** Kills it: connections are closed, and new ones refused. */
  kill(): Promise<void>
  /** Restarts it on the same port. Kills it first if it runs. */
  restart(): Promise<void>
  /** Stops it and removes its folder. */
  stop(): Promise<void>
}

/** Starts a process that keeps its files in `folder`. */
export const restartable = async (start: () => Promise<ChildProcess>, folder: string): Promise<RestartableProcess> => {
  let child = await start()
  const kill = async () => {
    child.kill('SIGKILL')
    await ended(child)
  }
  return {
    pid: () => child.pid as number,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill,
    async restart() {
      await kill()
      child = await start()
    },
    async stop() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
