import { expect, test } from 'vitest'
import { createShops, type ShopsOptions } from '../../src/index.js'
import { secret } from '../http/support/tokens.js'

const right: ShopsOptions = { locate: async () => undefined, list: async () => [], auth: { secret } }

const hosts = { from: 'host', domain: 'shops.example' } as const

test.each<[string, Record<string, unknown>, string]>([
  ['no locate', { locate: undefined }, 'locate is required'],
  ['no list', { list: undefined }, 'list is required'],
  ['a list that is not a function', { list: ['books'] }, 'list must be a function'],
  ['a state that is not a function', { isOutdated: true }, 'isOutdated must be a function'],
  ['a database for all', { databaseUrl: 'postgres://db/shop' }, 'databaseUrl is not an option: locate(shopId) says it'],
  ['policies for all', { policies: {} }, 'policies is not an option: locate(shopId) says it'],
  ['demo data', { demoData: true }, 'demoData is not an option of a server of many shops'],
  ['replicas', { replicas: { urls: ['postgres://db/shop'] } }, 'replicas is not an option of a server of many shops'],
  ['an unknown option', { shop: 'books' }, 'shop is not an option'],
  ['no authentication', { auth: undefined }, 'auth is required'],
  ['an unknown way to name shops', { tenants: { from: 'path' } }, 'tenants.from must be one of claim, header, host'],
  [
    'an option of another way',
    { tenants: { ...hosts, header: 'x' } },
    "tenants.header is not an option with from: 'host'",
  ],
  [
    'a host name without a domain',
    { tenants: { from: 'host' } },
    "tenants must have domain or hosts with from: 'host'",
  ],
  ['a header without a proxy', { tenants: { from: 'header' } }, 'trustProxy must be at least 1'],
  ['a wrong header', { tenants: { from: 'header', header: 'x y' }, trustProxy: 1 }, 'tenants.header must be the name'],
  ['claims without tokens', { auth: 'off' }, "tenants.from must be 'header' or 'host' with auth: 'off'"],
  [
    'one sender for all',
    { dataPlatform: { sender: { send: async () => ({ kind: 'sent' }) } } },
    'dataPlatform must be { url, secret } or',
  ],
  ['a platform without a secret', { dataPlatform: { url: 'https://a.example' } }, 'dataPlatform has no secret'],
  ['no time to be idle', { idleMs: 10 }, 'idleMs '],
  ['no open shop', { maxOpen: 0 }, 'maxOpen '],
])('%s is refused by name', async (_, wrong, reason) => {
  const options = { ...right, ...wrong } as ShopsOptions
  const refused = createShops(options)
  await expect(refused).rejects.toBeInstanceOf(TypeError)
  await expect(refused).rejects.toThrow(`createShops: ${reason}`)
})
