import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inMemoryStore } from '@shop/core/in-memory'
import { createServer } from '@shop/server-express'
import { build } from 'tsup'
import { afterAll, beforeAll, expect, it } from 'vitest'

const example = fileURLToPath(new URL('..', import.meta.url))
let folder: string

beforeAll(async () => {
  // Inside the package, so that its imports resolve.
  folder = mkdtempSync(join(example, 'node_modules', '.command-'))
  await build({
    entry: [join(example, 'src/main.ts')],
    outDir: folder,
    format: ['esm'],
    target: 'node20',
    config: false,
    silent: true,
    noExternal: [/^@shop\//],
    external: ['cli-progress'],
    esbuildOptions: (options) => {
      options.conditions = ['@shop/source']
    },
    outExtension: () => ({ js: '.mjs' }),
  })
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const flashSale = (...args: string[]) =>
  new Promise<{ code: number | null; output: string }>((resolve) => {
    const child = spawn(process.execPath, [join(folder, 'main.mjs'), ...args], { cwd: folder })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.once('close', (code) => resolve({ code, output }))
  })

it('shows progress, a summary and a chart, and exits with 0 if the sale succeeded', async () => {
  const server = await createServer({ store: inMemoryStore(), auth: 'off', demoData: true })
  const { port } = await server.listen(0)
  const { code, output } = await flashSale(`http://127.0.0.1:${port}`, '--quantity', '5', '--buyers', '50')
  await server.close()
  expect(output).toMatch(/flash sale .*50\/50 \| 5 won · 45 refused/)
  expect(output).toMatch(/won +│ 5 /)
  expect(output).toMatch(/broken laws +│ 0 /)
  expect(readFileSync(join(folder, 'flash-sale.svg'), 'utf8')).toContain('<title>50 buyers for 5 (coupons)</title>')
  expect(code).toBe(0)
})

it('prints its usage and exits with 64 for invalid arguments', async () => {
  const { code, output } = await flashSale('nowhere')
  expect([code, output]).toEqual([64, expect.stringMatching(/^exactly one base URL is required[\s\S]*--concurrency/)])
})

it('exits with 1 if nothing responds', async () => {
  const answer = await flashSale('http://127.0.0.1:1', '--token', 'x', '--buyers', '1')
  expect(answer).toEqual({ code: 1, output: 'fetch failed\n' })
})
