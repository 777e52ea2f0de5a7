import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsup'
import { expect, onTestFinished, test } from 'vitest'

test('the client bundle is small and uses no Node modules', async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'shop-client-'))
  onTestFinished(() => rm(outDir, { recursive: true }))
  await build({
    entry: { client: fileURLToPath(new URL('../../src/client/index.ts', import.meta.url)) },
    outDir,
    format: ['esm'],
    platform: 'browser',
    minify: true,
    noExternal: [/./],
    config: false,
    silent: true,
  })
  expect(await readdir(outDir)).toEqual(['client.js'])
  const text = await readFile(join(outDir, 'client.js'), 'utf8')
  expect(text).not.toMatch(/\bfrom ?["']|\bimport ?["'(]|\brequire\(/)
  expect(text.length).toBeLessThan(12_000)
})
