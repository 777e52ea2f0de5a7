import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../../../scripts/root.mjs'
import { mainOf } from '../../three-servers/src/processes.mjs'

const run = promisify(execFile)
const git = async (...args) => (await run('git', ['-C', root, ...args])).stdout.trim()
const migrations = 'packages/adapter-knex/src/migrations'

/** Not under a `node_modules`, where pnpm finds no workspace. */
const releases = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'shop-releases')

/** The revision before the newest migration was added. */
const revisionBefore = async () => {
  const newest = readdirSync(join(root, migrations))
    .filter((name) => /^\d{4}-/.test(name))
    .sort()
    .at(-1)
  // Along the main line: revisions inside a merged branch were never released.
  const added = await git(
    'log',
    '--first-parent',
    '-m',
    '--diff-filter=A',
    '-1',
    '--format=%H',
    '--',
    `${migrations}/${newest}`,
  )
  if (added === '') throw new Error(`no commit has added ${newest}`)
  return { revision: await git('rev-parse', `${added}^`), migration: newest.slice(0, -3) }
}

/**
 * A built checkout of the release before: of the revision before the newest migration. It is kept for later runs.
 * Without git, or if it cannot be built, `reason` says so.
 */
export const openReleaseBefore = async (say) => {
  try {
    const { revision, migration } = await revisionBefore()
    const checkout = join(releases, revision.slice(0, 12))
    if (existsSync(mainOf(checkout))) return { checkout, migration }
    say(`building the release before ${migration}; later runs use it again`)
    const draft = `${checkout}-${process.pid}`
    mkdirSync(draft, { recursive: true })
    await run('sh', ['-c', `git -C "$1" archive "$2" | tar -x -C "$3"`, 'sh', root, revision, draft])
    await run(process.execPath, ['scripts/run.mjs', 'build'], { cwd: draft, maxBuffer: 100_000_000 })
    renameSync(draft, checkout)
    return { checkout, migration }
  } catch (error) {
    return { reason: `the release before cannot be built: ${String(error.message).split('\n')[0]}` }
  }
}
