import { expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.js'
import { linesOf, secret } from './support.js'

const base = { SHOP_JWT_SECRET: secret, DATABASE_URL: 'postgres://primary/shop' }

test('replicas are URLs separated by commas, which a password may contain', async () => {
  const urls = ['postgres://shop:a,b@one/shop', 'postgresql://shop@two:5433/shop?sslmode=require']
  const { replicas, warnings } = await readConfig({ ...base, SHOP_REPLICA_URLS: urls.join(' , ') })
  expect(replicas?.urls.map((url) => url.reveal())).toEqual(urls)
  expect(replicas).toMatchObject({ maxLagMs: 1_000, live: false })
  expect(JSON.stringify(replicas)).not.toContain('a,b')
  expect(warnings).toEqual([])
  expect((await readConfig(base)).replicas).toBeUndefined()
})

test('a comma after the last replica names no other', async () => {
  const { replicas } = await readConfig({ ...base, SHOP_REPLICA_URLS: 'postgres://one/shop,postgres://two/shop, ,' })
  expect(replicas?.urls.map((url) => url.reveal())).toEqual(['postgres://one/shop', 'postgres://two/shop'])
})

test.each([
  [{ SHOP_REPLICA_URLS: 'mysql://one' }, /^SHOP_REPLICA_URLS must be a URL like postgres:/],
  [{ SHOP_REPLICA_URLS: 'postgres://one,two/shop' }, /^SHOP_REPLICA_URLS names several hosts/],
  [{ SHOP_REPLICA_URLS: 'postgres://one/shop?target_session_attrs=standby' }, /^SHOP_REPLICA_URLS has target_session/],
  [{ SHOP_REPLICA_MAX_LAG_MS: '99' }, /^SHOP_REPLICA_MAX_LAG_MS must be a whole number from 100 to 60000/],
  [{ SHOP_LIVE_FROM_REPLICAS: 'yes' }, /^SHOP_LIVE_FROM_REPLICAS must be on or off/],
])('%o is refused', async (environment, message) => {
  expect(await linesOf({ ...base, ...environment })).toEqual([expect.stringMatching(message)])
})

test.each([
  [{ SHOP_JWT_SECRET: secret }, /the embedded database has no replicas/],
  [{ ...base, SHOP_TENANTS: 'shops.json' }, /no effect because SHOP_TENANTS is set/],
])('replicas beside %o get a warning', async (environment, message) => {
  const { warnings } = await readConfig({ ...environment, SHOP_REPLICA_URLS: 'postgres://one/shop' })
  expect(warnings.filter((line) => line.includes('SHOP_REPLICA_URLS'))).toEqual([expect.stringMatching(message)])
})
