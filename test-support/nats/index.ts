import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, launch, type RestartableProcess, restartable } from '../child.js'
import { findProgram, type Program } from '../distribution.js'

/** A NATS server with JetStream, which keeps its streams in files: they are there after a restart. */
export interface NatsServer extends RestartableProcess {
  readonly url: string
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

/** Starts a NATS server. A test file can start several. */
export const startNats = async (): Promise<NatsServer> => {
  const program = await findNats()
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'shop-nats-'))
  const args = ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', folder]
  return {
    url: `nats://127.0.0.1:${port}`,
    ...(await restartable(() => launch(program, args, 'Server is ready'), folder)),
  }
}
