import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@shop/server-express/embedded-postgres'
import pg from 'pg'
import { build } from 'tsup'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const isRoot = process.getuid?.() === 0
const hasNamespaces = spawnSync('unshare', ['--user', '--map-user=65534', 'true']).status === 0
const packageFolder = fileURLToPath(new URL('..', import.meta.url))

/** A used data folder. Copying it takes a tenth of the time of creating one. */
let used: string
let folder: string
let running: EmbeddedPostgres[] = []
let children: ChildProcess[] = []

beforeAll(async () => {
  used = await openFolder()
  await (await startEmbeddedPostgres({ dataDir: used })).stop()
})
afterAll(() => rm(used, { recursive: true, force: true }))

beforeEach(async () => {
  folder = await openFolder()
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(running.map((postgres) => postgres.stop()))
  running = []
  children = []
  await rm(folder, { recursive: true, force: true })
})

describe('an embedded Postgres', () => {
  let url: string
  let stop: () => Promise<void>

  beforeAll(async () => {
    ;({ url, stop } = await startEmbeddedPostgres({ dataDir: used }))
  })
  afterAll(() => stop())

  test('accepts connections, with durable commits and Unicode case mapping', async () => {
    expect(await rows(url, "select 'MÜG' ilike '%müg%' as found")).toEqual([{ found: true }])
    expect(await rows(url, 'show server_encoding')).toEqual([{ server_encoding: 'UTF8' }])
    expect(await rows(url, 'show fsync')).toEqual([{ fsync: 'on' }])
    expect(await rows(url, 'show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }])
  })

  test('refuses a wrong or missing password', async () => {
    const wrong = new URL(url)
    wrong.password = 'wrong'
    await expect(rows(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
    wrong.password = ''
    await expect(rows(wrong.href, 'select 1')).rejects.toThrow(/password/)
  })

  test('hides its files and its password from other users', async () => {
    expect((await stat(join(used, 'cluster'))).mode & 0o077).toBe(0)
    const password = await stat(join(used, 'password'))
    expect(password.mode & 0o077).toBe(0)
    expect(password.uid).toBe(process.getuid?.() ?? 0)
  })
})

describe('stopping an embedded Postgres', () => {
  beforeEach(copyUsed)

  test('keeps its data for the next start', async () => {
    const first = await start()
    await rows(first.url, 'create table kept as select 42 as answer')
    await first.stop()
    const second = await start()
    expect(await rows(second.url, 'select answer from kept')).toEqual([{ answer: 42 }])
  })

  test('succeeds twice, even after it ended by itself', async () => {
    const postgres = await start()
    process.kill(postgres.pid, 'SIGINT')
    await postgres.ended
    await postgres.stop()
    await postgres.stop()
    expect(await readdir(folder)).not.toContain('owner.json')
  })
})

describe('a data folder', () => {
  test.runIf(isRoot && hasNamespaces)('that other users cannot reach works for root', async () => {
    const inside = join(folder, 'mine', 'data')
    await mkdir(inside, { recursive: true })
    await chmod(join(folder, 'mine'), 0o700)
    for (const _ of ['make', 'restart']) {
      const postgres = await start(inside)
      expect(await rows(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }])
      await postgres.stop()
    }
  })

  test('is refused to a second server in the same process until the first one stops', async () => {
    copyUsed()
    const first = await start()
    await expect(start()).rejects.toMatchObject({
      code: 'FOLDER_IN_USE',
      message: expect.stringContaining(`${folder} is in use by another server (process ${process.pid})`),
    })
    await first.stop()
    await start()
  })

  test('is claimed by exactly one of several concurrent starts', async () => {
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => start()))
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'FOLDER_IN_USE' })
    }
  })

  test('is recreated after an interrupted first start, without following links in it', async () => {
    const victim = join(used, 'victim')
    await writeFile(victim, 'untouched')
    await mkdir(join(folder, 'cluster.draft-1'))
    await writeFile(join(folder, 'cluster.draft-1', 'PG_VERSION'), '18\n')
    await symlink(victim, join(folder, 'password'))
    const postgres = await start()
    expect(await rows(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }])
    expect((await readdir(folder)).sort()).toEqual(['cluster', 'owner.json', 'password'])
    expect(await readFile(victim, 'utf8')).toBe('untouched')
    expect((await lstat(join(folder, 'password'))).isFile()).toBe(true)
  })

  test('starts although its pid file names an unrelated process', async () => {
    copyUsed()
    const first = await start()
    const pidFile = join(folder, 'cluster', 'postmaster.pid')
    const lines = await readFile(pidFile, 'utf8')
    await first.stop()
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' })
    children.push(stranger)
    await writeFile(pidFile, lines.replace(/^\d+/, String(stranger.pid)))
    await start()
    expect(stranger.exitCode).toBeNull()
  })

  test('of another Postgres version is refused with that version', async () => {
    await mkdir(join(folder, 'cluster'))
    await writeFile(join(folder, 'cluster', 'PG_VERSION'), '9\n')
    await expect(start()).rejects.toMatchObject({ code: 'VERSION_MISMATCH' })
    expect(await readdir(folder)).not.toContain('owner.json')
  })

  test('that cannot be created causes a clear error', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(start(join(folder, 'file', 'data'))).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' })
  })
})

describe('a killed server process', () => {
  let program: string
  let bundle: string

  beforeAll(async () => {
    // Inside the package, so that its imports resolve.
    bundle = await mkdtemp(join(packageFolder, 'node_modules', '.embedded-postgres-'))
    await build({
      entry: { launcher: join(packageFolder, 'src/embedded-postgres/index.ts') },
      outDir: bundle,
      format: ['esm'],
      target: 'node20',
      config: false,
      silent: true,
      outExtension: () => ({ js: '.mjs' }),
    })
    program = join(bundle, 'program.mjs')
    await writeFile(
      program,
      `import { startEmbeddedPostgres } from './launcher.mjs'
       console.log('begin')
       const { url, pid } = await startEmbeddedPostgres({ dataDir: process.argv[2] })
       console.log(JSON.stringify({ url, pid }))`,
    )
  })
  afterAll(() => rm(bundle, { recursive: true, force: true }))

  test('excludes others while it runs, and leaves its commits to the next one', async () => {
    copyUsed()
    const child = launch()
    const { url } = JSON.parse(await line(child, /^\{/)) as { url: string }
    await rows(url, 'create table kept as select 42 as answer')
    await expect(start()).rejects.toMatchObject({
      code: 'FOLDER_IN_USE',
      message: expect.stringContaining(`(process ${child.pid})`),
    })
    child.kill('SIGKILL')
    const next = await startWhenFree()
    expect(await rows(next.url, 'select answer from kept')).toEqual([{ answer: 42 }])
  })

  test('together with its Postgres lets the next one recover', async () => {
    copyUsed()
    const child = launch()
    const { url, pid } = JSON.parse(await line(child, /^\{/)) as { url: string; pid: number }
    await rows(url, 'create table kept as select 42 as answer')
    process.kill(pid, 'SIGKILL')
    child.kill('SIGKILL')
    const next = await startWhenFree()
    expect(await rows(next.url, 'select answer from kept')).toEqual([{ answer: 42 }])
  })

  test.each([150, 600])('%i ms after its first start does not prevent the next start', async (ms) => {
    const child = launch()
    await line(child, /begin/)
    await sleep(ms)
    child.kill('SIGKILL')
    const next = await startWhenFree()
    expect(await rows(next.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  function launch(): ChildProcess {
    const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    return child
  }
})

/** For root: Postgres then runs as another user, who needs access. */
async function openFolder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'shop-embedded-'))
  await chmod(made, 0o711)
  return made
}

/** Preserves the owners of the files. */
function copyUsed(): void {
  execFileSync('cp', ['-a', `${used}/.`, folder])
}

async function start(dataDir = folder): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir })
  running.push(postgres)
  return postgres
}

/** A killed process may stay visible for a moment. */
async function startWhenFree(): Promise<EmbeddedPostgres> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start()
    } catch (error) {
      if ((error as { code?: string }).code !== 'FOLDER_IN_USE' || attempt === 100) throw error
      await sleep(20)
    }
  }
}

async function rows(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query(sql)).rows
  } finally {
    await client.end().catch(() => {})
  }
}

function line(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk
      const found = text
        .split('\n')
        .slice(0, -1)
        .find((candidate) => pattern.test(candidate))
      if (found !== undefined) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}: ${text}`)))
  })
}
