// Implements `npm start`, `npm test` and `npm run build` on a fresh clone, which needs only Node and npm.

import { spawnSync } from 'node:child_process'
import { ensureInstalled, pnpm } from './install.mjs'
import { root } from './root.mjs'

process.chdir(root)
process.env.SHOP_START_BEGAN ??= String(Math.round(performance.timeOrigin))
const [task, ...args] = process.argv.slice(2)

const tasks = {
  async build() {
    ensureInstalled()
    const { build, ensureBuilt } = await import('./build.mjs')
    await (args.includes('--clean') ? build({ clean: true }) : ensureBuilt())
  },
  /** Runs in this process, so that signals and exit status are those of the server. */
  async start() {
    ensureInstalled()
    const { ensureBuilt } = await import('./build.mjs')
    await ensureBuilt()
    if (process.env.npm_lifecycle_event) stopWithParent()
    const main = new URL('../packages/server-express/dist/main.js', import.meta.url)
    process.argv = [process.argv[0], main.pathname, ...args]
    await import(main.href)
  },
  /** Also runs the black-box checks in the folder SHOP_ACCEPTANCE, if it is set. */
  async test() {
    ensureInstalled()
    const { runTests } = await import('./test.mjs')
    const { finish } = await import('./steps.mjs')
    const { runAcceptance } = await import('./acceptance.mjs')
    const { SHOP_ACCEPTANCE: folder } = process.env
    finish([...(await runTests(args)), ...(folder ? await runAcceptance(folder) : [])])
  },
  /** Runs the examples as consumers of the packed tarballs. */
  async examples() {
    ensureInstalled()
    const { ensureBuilt } = await import('./build.mjs')
    await ensureBuilt()
    const { finish, step } = await import('./steps.mjs')
    const { packAll } = await import('./packages.mjs')
    const { checkExamples } = await import('./examples.mjs')
    finish([await step('examples', () => checkExamples(packAll()))])
  },
  /** Runs random histories without a time limit: --runs, --seed, --store. */
  async laws() {
    ensureInstalled()
    const { soak } = await import('./laws.mjs')
    await soak(args)
  },
  /** Runs every point of the crash campaign. An argument selects a part: `npm run test:crash -- server`. */
  async crash() {
    ensureInstalled()
    const { runCrashCampaign } = await import('./test.mjs')
    process.exitCode = (await runCrashCampaign(args)) ? 0 : 1
  },
  /** Runs the shop on a cluster while each part fails, and writes the results into the documentation. */
  async ha() {
    ensureInstalled()
    const { status } = spawnSync(process.execPath, ['examples/ha-cluster/run.mjs', '--document', ...args], {
      stdio: 'inherit',
    })
    process.exitCode = status ?? 1
  },
  /** `npm run bench -- issue --rounds 3`: measures the built packages. */
  bench: () => runBench('main'),
  /** `npm run test:tenants -- --slice`: measures one server with many shops, and moves one under load. */
  tenants: () => runBench('tenants'),
  /** `npm run test:upgrade`: migrates a big shop while the release before sells in it. */
  async upgrade() {
    const { openReleaseBefore } = await import('./release-before.mjs')
    const { checkout, reason } = await openReleaseBefore(console.error, '0012-payments')
    if (reason) throw new Error(reason)
    await runBench('upgrade', '--before', checkout)
  },
  /** Builds the documentation as a static site. */
  async docs() {
    ensureInstalled()
    const { buildDocs } = await import('./docs.mjs')
    console.log(`the site is in ${await buildDocs()}`)
  },
  /** Writes the reports of public types to `etc`. */
  async api() {
    ensureInstalled()
    const { ensureBuilt } = await import('./build.mjs')
    await ensureBuilt()
    process.argv.push('--write')
    await import('./api.mjs')
  },
  /** Rehearses a release in a copy, without publishing, and prints the results. */
  async rehearse() {
    ensureInstalled()
    const { ensureBuilt } = await import('./build.mjs')
    await ensureBuilt()
    const { rehearse } = await import('./rehearse.mjs')
    process.exitCode = (await rehearse(args)) ? 0 : 1
  },
  /** Runs the pinned pnpm: `npm run pnpm -- add zod --filter @shop/server-express`. */
  async pnpm() {
    pnpm(args)
  },
}

/** Builds the packages and the benchmark, and runs one of its programs in this process. */
async function runBench(program, ...given) {
  ensureInstalled()
  const { ensureBuilt, buildBench } = await import('./build.mjs')
  await ensureBuilt()
  await buildBench()
  const main = new URL(`../bench/dist/${program}.js`, import.meta.url)
  process.argv = [process.argv[0], main.pathname, ...given, ...args]
  await import(main.href)
}

/** npm starts this process through a shell, which ends on a signal without forwarding it. */
function stopWithParent() {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 200)
  watch.unref()
  // A terminal signals this process as well as the shell. A second signal would end the server immediately.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => clearInterval(watch))
}

if (!Object.hasOwn(tasks, task)) {
  console.error(`usage: node scripts/run.mjs ${Object.keys(tasks).join(' | ')}`)
  process.exit(64)
}
try {
  await tasks[task]()
} catch (error) {
  if (task === 'start' && !error?.isStep) throw error
  console.error(`\n${task}: ${error.message}`)
  process.exit(1)
}
