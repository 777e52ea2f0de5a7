import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const page = readFileSync(new URL('../../docs/embedding.md', import.meta.url), 'utf8')

test.each(['limit-transactions.ts', 'keep-up.ts'])('docs/embedding.md contains %s as tested', (name) => {
  const source = readFileSync(new URL(`../../examples/fastify-service/src/${name}`, import.meta.url), 'utf8').trim()
  expect(page).toContain(`\`\`\`ts\n${source}\n\`\`\``)
})
