import { DatabaseUrlError, knexConnection } from '@shop/adapter-knex'
import { expect, test } from 'vitest'

test.each(['nonsense', '', 'localhost:5432/shop', 'mysql://me:canary@db/shop', 'postgres:db', undefined, 7])(
  '%j is not a database URL',
  (url) => {
    expect(() => knexConnection(url as string)).toThrow(DatabaseUrlError)
    expect(() => knexConnection(url as string)).toThrow(/^databaseUrl must be a URL like postgres:/)
    expect(() => knexConnection(url as string)).not.toThrow(/canary/)
  },
)

test.each(['allow', 'Require', 'verify_full', 'true', '', 'disable;'])('sslmode=%s is refused by name', (mode) => {
  const url = `postgres://me:canary@db/shop?application_name=x&sslmode=${mode}`
  expect(() => knexConnection(url)).toThrow(DatabaseUrlError)
  expect(() => knexConnection(url)).toThrow(
    `databaseUrl has an unknown sslmode, "${mode}": it is one of disable (no TLS), no-verify`,
  )
  expect(() => knexConnection(url)).not.toThrow(/canary/)
})

test.each([
  'postgres://db/shop',
  'postgresql://me:p%40ss@db:5432/shop',
  'postgres:///shop?host=/var/run/postgresql',
  '/var/run/postgresql shop',
  ...['disable', 'no-verify', 'verify-full', 'verify-ca', 'require', 'prefer'].map(
    (mode) => `postgres://db/s?sslmode=${mode}`,
  ),
])('%s may be one', async (url) => {
  await knexConnection(url).destroy()
})
