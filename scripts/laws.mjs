// `npm run test:laws -- --runs 3000 --seed 7 --store memory`: histories without end, judged by all laws.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './root.mjs'
import { run } from './steps.mjs'

const stores = {
  memory: ['--project', 'unit', 'packages/core/test/kit/in-memory'],
  postgres: ['--project', 'integration', 'packages/adapter-knex/test/kit/'],
}

export const soak = async (args) => {
  const { values } = parseArgs({
    args,
    options: { runs: { type: 'string', default: '3000' }, seed: { type: 'string' }, store: { type: 'string' } },
  })
  const { runs, seed = String(Math.floor(Math.random() * 2 ** 31)), store } = values
  const chosen = store === undefined ? Object.keys(stores) : [store]
  for (const name of chosen) {
    if (!Object.hasOwn(stores, name)) throw new Error(`no store ${name}: one of ${Object.keys(stores).join(', ')}`)
  }
  for (const name of chosen) {
    console.log(`${runs} histories in every mode, on the store ${name}, with seed ${seed}`)
    const env = {
      ...process.env,
      SHOP_TEST_RUNS: runs,
      SHOP_TEST_SEED: seed,
      SHOP_TEST_TIMEOUT: String(24 * 3_600_000),
    }
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const { ok } = await run([vitest, 'run', '--reporter=verbose', ...stores[name]], { env })
    if (!ok) process.exitCode = 1
  }
}
