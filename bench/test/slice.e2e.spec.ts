import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { goals } from '../src/goals.js'
import { parts } from '../src/parts/index.js'
import type { Results } from '../src/report/write-results.js'

const run = fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url))

test('a short run of the benchmark measures every goal and breaks no law', { timeout: 300_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shop-bench-slice-'))
  try {
    const args = ['bench', '--slice', '--out', folder]
    const { stdout } = await promisify(execFile)(process.execPath, [run, ...args], { maxBuffer: 2 ** 24 })
    const results = JSON.parse(await readFile(join(folder, 'latest.json'), 'utf8')) as { parts: Results }
    expect(Object.keys(results.parts)).toEqual(parts.map(({ name }) => name))
    const values = Object.values(results.parts).flatMap(({ findings = [] }) => findings)
    expect(values.map(({ goal }) => goal).sort()).toEqual(goals.map(({ id }) => id).sort())
    for (const { value } of values) expect(value).toBeTypeOf('number')
    for (const { id } of goals) expect(stdout).toMatch(new RegExp(`^${id} `, 'm'))
    const charts = (await readdir(folder)).filter((name) => name.endsWith('.svg')).sort()
    expect(charts).toEqual(
      ['callers', 'group-latency', 'group-size', 'growth', 'latency', 'limit', 'live-memory', 'memory', 'ranking'].map(
        (name) => `${name}.svg`,
      ),
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
