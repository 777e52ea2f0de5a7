import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sell } from '../src/sell.js'

const root = new URL('../../../', import.meta.url)
const source = readFileSync(new URL('../src/sell.ts', import.meta.url), 'utf8').trim()

test('the example of the README runs', async () => {
  expect(await sell()).toMatchObject({
    paid: 21_600,
    balance: 28_400,
    refused: 'STOCK_INSUFFICIENT',
    audit: { ok: true, violations: [] },
  })
})

test.each(['README.md', 'README.ko.md'])('%s contains that example', (name) => {
  expect(readFileSync(new URL(name, root), 'utf8')).toContain(`\`\`\`ts\n${source}\n\`\`\``)
})
