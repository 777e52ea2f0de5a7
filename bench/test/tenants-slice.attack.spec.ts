import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { rowsOf, type TenantsResults } from '../src/tenants/tenants-results.js'

const run = fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url))

test('a short run with few shops measures every figure; a move under load loses nothing', {
  timeout: 300_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shop-bench-tenants-slice-'))
  try {
    const args = [run, 'tenants', '--slice', '--out', folder]
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 24 })
    const written = JSON.parse(await readFile(join(folder, 'tenants.json'), 'utf8')) as { parts: TenantsResults }
    const rows = rowsOf(written.parts)
    const met = (start: string) => rows.filter(({ what }) => what.startsWith(start)).map((row) => row.met)
    expect(met('Orders lost')).toEqual([true])
    expect(met('Orders made twice')).toEqual([true])
    expect(met('Answers other than')).toEqual([true])
    const judged = rows.filter(({ goal }) => goal !== undefined)
    expect(judged.map(({ met }) => typeof met)).toEqual(Array(7).fill('boolean'))
    for (const { what } of rows) expect(stdout).toContain(`| ${what} |`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
