// Runs the examples as consumers of the packages: their own tests, against the unpacked tarballs.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageFolders, readJson, root, StepFailed } from './root.mjs'
import { readReport, run } from './steps.mjs'

const isOurs = (name) => name.startsWith('@shop/')

const ownDependencies = ({ dependencies, optionalDependencies, peerDependencies, devDependencies }) =>
  Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies, ...devDependencies })

/** Links third-party packages to the workspace's copies. Our own packages must come from tarballs. */
const linkOthers = (from, to) => {
  for (const name of ownDependencies(readJson(join(from, 'package.json'))).filter((each) => !isOurs(each))) {
    const installed = join(from, 'node_modules', name)
    // Binaries for other systems are not installed.
    if (!existsSync(installed)) continue
    const link = join(to, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(realpathSync(installed), link, 'junction')
  }
}

const unpack = (file, folder) => {
  mkdirSync(folder, { recursive: true })
  const { status, stderr } = spawnSync('tar', ['-xzf', file, '--strip-components=1', '-C', folder], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new StepFailed(`${file} cannot be unpacked: ${stderr}`)
}

/** Unpacks every package from its tarball into the consumer. */
const installPackages = (consumer, tarballs) => {
  for (const from of packageFolders()) {
    const { name } = readJson(join(from, 'package.json'))
    const prefix = `${name.slice(1).replace('/', '-')}-`
    const file = tarballs.find((each) => each.split(/[\\/]/).at(-1).startsWith(prefix))
    if (!file) throw new StepFailed(`${name} was not packed`)
    const to = join(consumer, 'node_modules', name)
    unpack(file, to)
    if (existsSync(join(to, 'src'))) throw new StepFailed(`${name} would be published with its sources`)
    linkOthers(from, to)
  }
}

/** Examples whose tests need neither Redis nor a browser. The others run in the workspace only. */
const runsInConsumer = (name) => {
  const tests = join(root, 'examples', name, 'test')
  return existsSync(tests) && readdirSync(tests).some((file) => /\.(unit|int)\.spec\.ts$/.test(file))
}

const copyExamples = (consumer) => {
  const names = readdirSync(join(root, 'examples')).filter(runsInConsumer)
  for (const name of names) {
    const [from, to] = [join(root, 'examples', name), join(consumer, 'examples', name)]
    cpSync(from, to, {
      recursive: true,
      filter: (path) => !/[\\/](node_modules|dist)([\\/]|$)/.test(path.slice(from.length)),
    })
    linkOthers(from, to)
  }
  return names
}

/** Creates a project outside the workspace that can find our packages only as tarballs. */
const createConsumer = (tarballs) => {
  const consumer = realpathSync(mkdtempSync(join(tmpdir(), 'shop-consumer-')))
  const copy = (from, to) =>
    cpSync(join(root, from), join(consumer, to), { recursive: true, filter: (path) => !path.includes('.spec.') })
  copy('scripts/consumer', '.')
  for (const name of ['README.md', 'README.ko.md', 'tsconfig.base.json']) copy(name, name)
  mkdirSync(join(consumer, 'node_modules'))
  for (const name of ['vitest', 'tsup']) {
    symlinkSync(realpathSync(join(root, 'node_modules', name)), join(consumer, 'node_modules', name), 'junction')
  }
  installPackages(consumer, tarballs)
  const support = join(consumer, 'node_modules/@shop/test-support')
  for (const name of ['database.ts', 'package.json']) cpSync(join(root, 'test-support', name), join(support, name))
  linkOthers(join(root, 'test-support'), support)
  return { consumer, examples: copyExamples(consumer) }
}

/** The kit runs fewer histories here: the store's own tests run the full number. */
const fewHistories = { SHOP_TEST_RUNS: '1' }

/** Resolves with the number of passed tests and what failed. An example without tests counts as failed. */
export const checkExamples = async (tarballs) => {
  const { consumer, examples } = createConsumer(tarballs)
  const report = join(consumer, 'report.json')
  try {
    const { ok, output } = await run(
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--root',
        consumer,
        '--reporter=dot',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ],
      { stdio: 'pipe', env: { ...process.env, ...fewHistories } },
    )
    if (!ok) console.error(output)
    const { passed, failures, files } = readReport(report, ok)
    const untested = examples.filter((name) => !files.some((file) => file.includes(`/examples/${name}/`)))
    return { passed, failures: [...failures, ...untested.map((name) => `examples/${name} ran no test`)] }
  } finally {
    rmSync(consumer, { recursive: true, force: true })
  }
}
