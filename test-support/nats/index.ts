import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ended, freePort, untilReady } from '../child.js'
import { findProgram, type Program } from '../distribution.js'

/** A NATS server with JetStream, which keeps its streams in files. */
export interface NatsServer {
  readonly url: string
  /** Freezes the process (SIGSTOP): connections stay open, without replies. */
  freeze(): void
  thaw(): void
  /** Kills it: connections are closed, and new ones refused. */
  kill(): Promise<void>
  /** Restarts it on the same port, with its streams. Kills it first if it runs. */
  restart(): Promise<void>
  /** Stops it and removes its folder. */
  stop(): Promise<void>
}

const findNats = (): Promise<Program> =>
  findProgram({
    names: ['nats-server'],
    variable: 'NATS_SERVER_BIN',
    packages: ['nats-server'],
    file: 'usr/sbin/nats-server',
    advice:
      'These tests need a NATS server, and none was found. Install one ("apt install nats-server", "brew install nats-server"), ' +
      'or set NATS_SERVER_BIN to the path of nats-server.',
  })

/** On Linux, a process can be set to end with its parent. */
const withParentDeathSignal = (program: string): readonly [string, ...string[]] =>
  process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', program] : [program]

const launch = ({ path, libraries }: Program, args: readonly string[]): Promise<ChildProcess> => {
  const [command, ...first] = withParentDeathSignal(path)
  const env = libraries ? { ...process.env, LD_LIBRARY_PATH: libraries } : process.env
  const child = spawn(command, [...first, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  return untilReady('nats-server', child, 'Server is ready')
}

/** Starts a NATS server. A test file can start several. */
export const startNats = async (): Promise<NatsServer> => {
  const program = await findNats()
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'shop-nats-'))
  const args = ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', folder]
  let child = await launch(program, args)
  const kill = async () => {
    child.kill('SIGKILL')
    await ended(child)
  }
  return {
    url: `nats://127.0.0.1:${port}`,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill,
    async restart() {
      await kill()
      child = await launch(program, args)
    },
    async stop() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
