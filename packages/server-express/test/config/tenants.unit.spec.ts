import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.js'
import { linesOf, secret } from './support.js'

const file = { SHOP_TENANTS: 'shops.json', SHOP_JWT_SECRET: secret }

describe('the shops of SHOP_TENANTS', () => {
  test.each([
    [{}, { from: 'claim', claim: 'shop' }],
    [{ SHOP_TENANT_CLAIM: 'https://example.com/shop' }, { from: 'claim', claim: 'https://example.com/shop' }],
    [
      { SHOP_TENANT_FROM: 'header', SHOP_TRUST_PROXY: '1' },
      { from: 'header', header: 'x-shop-id', claim: 'shop' },
    ],
    [
      { SHOP_TENANT_FROM: 'host', SHOP_TENANT_DOMAIN: 'Shops.Example' },
      { from: 'host', domain: 'shops.example', claim: 'shop' },
    ],
  ])('are named as %j says', async (given, naming) => {
    const { tenants, demoData, warnings } = await readConfig({ ...file, ...given })
    expect(tenants).toEqual({ file: 'shops.json', naming })
    expect([demoData, warnings]).toEqual([false, []])
  })

  test.each([
    [{ SHOP_WORKERS: '2' }, 'SHOP_WORKERS must be 1 with SHOP_TENANTS'],
    [{ SHOP_WORKERS: 'auto' }, 'SHOP_WORKERS must be 1 with SHOP_TENANTS'],
    [{ SHOP_DEMO_DATA: 'on' }, 'SHOP_DEMO_DATA must be off with SHOP_TENANTS'],
    [{ SHOP_AUTH: 'off' }, 'SHOP_TENANT_FROM must be header or host because SHOP_AUTH is off'],
    [{ SHOP_TENANT_FROM: 'header' }, 'SHOP_TRUST_PROXY must be at least 1 with SHOP_TENANT_FROM=header'],
    [{ SHOP_TENANT_FROM: 'host' }, 'SHOP_TENANT_DOMAIN must be set with SHOP_TENANT_FROM=host'],
    [{ SHOP_TENANT_FROM: 'path' }, 'SHOP_TENANT_FROM must be one of claim, header, host'],
    [{ SHOP_TENANT_HEADER: 'x shop' }, 'SHOP_TENANT_HEADER must be the name of a header'],
  ])('are refused with %j', async (given, reason) => {
    expect((await linesOf({ ...file, ...given })).join('\n')).toContain(reason)
  })

  test('warn of what their file says instead, and of settings that only they use', async () => {
    const { warnings } = await readConfig({ ...file, SHOP_CURRENCY: 'EUR', SHOP_PRESET: 'one-call' })
    expect(warnings.map((each) => each.split(' ')[0])).toEqual(['SHOP_PRESET', 'SHOP_CURRENCY'])
    const alone = await readConfig({ SHOP_JWT_SECRET: secret, SHOP_TENANT_FROM: 'host' })
    expect(alone.warnings).toEqual(['SHOP_TENANT_FROM has no effect because SHOP_TENANTS is not set'])
  })
})
