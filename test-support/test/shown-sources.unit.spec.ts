import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test.each([
  ['docs/start/embedding.md', 'limit-transactions.ts'],
  ['docs/operate/jobs.md', 'jobs.ts'],
])('%s shows %s as it is tested', (page, name) => {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8')
  const source = readFileSync(new URL(`../../examples/fastify-service/src/${name}`, import.meta.url), 'utf8').trim()
  expect(text).toContain(`\`\`\`ts\n${source}\n\`\`\``)
})
