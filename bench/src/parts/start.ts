import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inTurn } from '../figures/in-turn.js'
import { median } from '../figures/statistics.js'
import { serverProgram, startProgram } from '../http/server-process.js'
import type { Part } from './part.js'

/** Goal 13: from a cold start to a server that listens, including its Postgres. */
export const start: Part = {
  name: 'start',
  about: 'cold start on a migrated database, beside Postgres and bare Express (goal 13)',
  async run({ settings, show }) {
    const folder = await mkdtemp(join(tmpdir(), 'shop-bench-start-'))
    await chmod(folder, 0o711)
    const environment = { SHOP_DATA_DIR: folder, SHOP_DEMO_DATA: 'off' }
    const timed = (program: string) => async () => {
      const { ms, stop } = await startProgram(program, environment)
      await stop()
      return { figure: ms / 1_000 }
    }
    const bare = timed(fileURLToPath(new URL('./bare-start.js', import.meta.url)))
    const shop = timed(serverProgram())
    try {
      // Creates the cluster and the tables.
      await shop()
      const [theirs, ours] = await inTurn(
        [
          { name: 'Postgres and bare Express', unit: ' s', turn: bare },
          { name: 'the server with its Postgres', unit: ' s', turn: shop },
        ],
        settings.rounds,
        show,
      )
      if (!theirs || !ours) throw new Error('nothing was measured')
      const value = median(ours.samples) - median(theirs.samples)
      return { findings: [{ goal: '13', value, ours, against: theirs }] }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}
