import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { secret, tokenFor } from '../http/support/tokens.js'
import { serverStarter } from '../support/server-starter.js'

const starter = serverStarter()

const environment = { SHOP_JWT_SECRET: secret, SHOP_TENANTS: 'shops.json', DATABASE_URL: '' }

const writeShops = async () => {
  const shops = { books: { database: 'a', schema: 'books' }, music: { database: 'a', schema: 'music' } }
  const content = JSON.stringify({ databases: { a: '$A_DATABASE_URL' }, shops })
  await writeFile(join(starter.folder, 'shops.json'), content)
}

test('the bundled server serves the shops of a file, each to its own tokens', async () => {
  await writeShops()
  const server = starter.start({ ...environment, A_DATABASE_URL: starter.database.url })
  const url = await server.url
  const status = async (shop: string, method: string, path: string, body?: unknown) => {
    const authorization = `Bearer ${tokenFor('root', 'shop:admin', { claims: { shop } })}`
    const headers = { authorization, 'content-type': 'application/json' }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    return (await fetch(url + path, { method, headers, ...sent })).status
  }
  expect(await status('books', 'POST', '/api/users', { userId: 'mina' })).toBe(201)
  expect(await status('books', 'GET', '/api/balance/mina')).toBe(200)
  expect(await status('music', 'GET', '/api/balance/mina')).toBe(400)
  expect(await status('ghost', 'GET', '/api/balance/mina')).toBe(404)
  expect((await starter.stop(server)).code).toBe(0)
})

test('a file that is broken while the server runs shows in readiness and metrics, until it is mended', async () => {
  await writeShops()
  const server = starter.start({ ...environment, A_DATABASE_URL: starter.database.url })
  const url = await server.url
  const seen = async () => {
    const [ready, metrics] = await Promise.all([fetch(`${url}/readyz`), fetch(`${url}/metrics`)])
    const { checks } = (await ready.json()) as { checks: { shops?: unknown } }
    return [ready.status, checks.shops, /^shop_list_outdated (\d)$/m.exec(await metrics.text())?.[1]]
  }
  expect(await seen()).toEqual([200, undefined, '0'])
  await writeFile(join(starter.folder, 'shops.json'), '{ "databases": ')
  const detail = 'the list of shops cannot be read: the last known one is used'
  await expect.poll(seen).toEqual([200, { status: 'degraded', detail }, '1'])
  // It opens now, from what the file said before.
  const authorization = `Bearer ${tokenFor('root', 'shop:admin', { claims: { shop: 'books' } })}`
  expect((await fetch(`${url}/api/products`, { headers: { authorization } })).status).toBe(200)
  await writeShops()
  await expect.poll(seen).toEqual([200, undefined, '0'])
  expect(server.stdout().match(/the file of the shops cannot be used/g)).toHaveLength(1)
})

test('tasks of a single shop are refused, in one line', async () => {
  await writeShops()
  const server = starter.start({ ...environment, A_DATABASE_URL: starter.database.url }, ['audit'])
  expect((await server.ended).code).toBe(78)
  expect(server.stderr()).toContain('SHOP_TENANTS is set: audit is for a single shop')
})
