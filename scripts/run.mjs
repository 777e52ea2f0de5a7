// `npm start`, `npm test`, `npm run build` on a fresh clone, with nothing but Node and npm.

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
  /** In this very process, so that signals and the exit status are the server's own. */
  async start() {
    ensureInstalled()
    const { ensureBuilt } = await import('./build.mjs')
    await ensureBuilt()
    process.setSourceMapsEnabled(true)
    if (process.env.npm_lifecycle_event) stopWithParent()
    const main = new URL('../packages/server-express/dist/main.js', import.meta.url)
    process.argv = [process.argv[0], main.pathname, ...args]
    await import(main.href)
  },
  /** With SHOP_ACCEPTANCE, a folder of black-box checks, those too. */
  async test() {
    ensureInstalled()
    const { runTests } = await import('./test.mjs')
    const { finish } = await import('./steps.mjs')
    const { runAcceptance } = await import('./acceptance.mjs')
    const { SHOP_ACCEPTANCE: folder } = process.env
    finish([...(await runTests(args)), ...(folder ? await runAcceptance(folder) : [])])
  },
  /** The examples as consumers of the packed tarballs. */
  async examples() {
    ensureInstalled()
    const { ensureBuilt } = await import('./build.mjs')
    await ensureBuilt()
    const { finish, step } = await import('./steps.mjs')
    const { packAll } = await import('./packages.mjs')
    const { checkExamples } = await import('./examples.mjs')
    finish([await step('examples', () => checkExamples(packAll()))])
  },
  /** Plays histories for as long as one likes: --runs, --seed, --store. */
  async laws() {
    ensureInstalled()
    const { soak } = await import('./laws.mjs')
    await soak(args)
  },
  /** Every point of the crash campaign; a word chooses a part, for example `npm run test:crash -- server`. */
  async crash() {
    ensureInstalled()
    const { runCrashCampaign } = await import('./test.mjs')
    process.exitCode = (await runCrashCampaign(args)) ? 0 : 1
  },
  /** `npm run bench -- issue --rounds 3`: measures the packages as they are built. */
  async bench() {
    ensureInstalled()
    const { ensureBuilt, buildBench } = await import('./build.mjs')
    await ensureBuilt()
    await buildBench()
    const main = new URL('../bench/dist/main.js', import.meta.url)
    process.argv = [process.argv[0], main.pathname, ...args]
    await import(main.href)
  },
  /** The documentation as a site, for any server of files. */
  async docs() {
    ensureInstalled()
    const { buildDocs } = await import('./docs.mjs')
    console.log(`the site is in ${await buildDocs()}`)
  },
  /** Writes what the packages promise in types to `etc`. */
  async api() {
    ensureInstalled()
    const { ensureBuilt } = await import('./build.mjs')
    await ensureBuilt()
    process.argv.push('--write')
    await import('./api.mjs')
  },
  /** Everything a release does but publishing, in a copy: prints what works where. */
  async rehearse() {
    ensureInstalled()
    const { ensureBuilt } = await import('./build.mjs')
    await ensureBuilt()
    const { rehearse } = await import('./rehearse.mjs')
    process.exitCode = (await rehearse(args)) ? 0 : 1
  },
  /** The pinned pnpm, for example `npm run pnpm -- add zod --filter @shop/server-express`. */
  async pnpm() {
    pnpm(args)
  },
}

/** Between npm and us is a shell, which dies of a signal without passing it on. */
function stopWithParent() {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 200)
  watch.unref()
  // A terminal signals us beside the shell: a second signal would end the server at once.
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
