import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const houseRules = ['refusals', 'members-only', 'one-poster', 'give-stamp', 'place-gift-order']
const builders = ['pg', 'drizzle', 'kysely', 'prisma', 'typeorm', 'postgres-js']

test.each<readonly [page: string, name: string]>([
  ['docs/start/embedding.md', 'fastify-service/src/limit-transactions.ts'],
  ['docs/operate/jobs.md', 'fastify-service/src/jobs.ts'],
  ...houseRules.map((name) => ['docs/start/house-rules.md', `custom-policies/src/${name}.ts`] as const),
  ...builders.map((name) => ['docs/start/query-builders.md', `query-builders/src/${name}.ts`] as const),
  ['docs/start/events.md', 'event-senders/src/nats-sender.ts'],
  ['docs/start/events.md', 'event-senders/src/kafka-sender.ts'],
  ['docs/start/events.md', 'event-senders/src/sqs-sender.ts'],
])('%s shows %s as it is tested', (page, name) => {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8')
  const source = readFileSync(new URL(`../../examples/${name}`, import.meta.url), 'utf8').trim()
  expect(text).toContain(`\`\`\`ts\n${source}\n\`\`\``)
})
