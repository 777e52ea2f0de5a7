import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './root.mjs'

const run = promisify(execFile)
const git = async (...args) => (await run('git', ['-C', root, ...args])).stdout.trim()
const migrations = 'packages/adapter-knex/src/migrations'

/** Not under a `node_modules`, where pnpm finds no workspace. */
const releases = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'shop-releases')

const newestMigration = () =>
  readdirSync(join(root, migrations))
    .filter((name) => /^\d{4}-/.test(name))
    .sort()
    .at(-1)
    .slice(0, -3)

/** Along the main line: revisions inside a merged branch were never released. */
const revisionBefore = async (migration) => {
  const file = `${migrations}/${migration}.ts`
  const added = await git('log', '--first-parent', '-m', '--diff-filter=A', '-1', '--format=%H', '--', file)
  if (added === '') throw new Error(`no commit has added ${migration}`)
  return git('rev-parse', `${added}^`)
}

/**
 * A built checkout of the release before: of the revision before a migration was added, by default the newest. It is kept
 * for later runs. Without git, or if it cannot be built, `reason` says so.
 */
export const openReleaseBefore = async (say, migration = newestMigration()) => {
  try {
    const revision = await revisionBefore(migration)
    const checkout = join(releases, revision.slice(0, 12))
    if (existsSync(join(checkout, 'packages/server-express/dist/main.js'))) return { checkout, migration }
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
