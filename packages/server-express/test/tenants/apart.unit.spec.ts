import { describe, expect, test } from 'vitest'
import type { ShopVisit, Tenants } from '../../src/http/tenants.js'
import { tenantsApart } from './apart.js'

const seed = Math.floor(Math.random() * 2 ** 31)

/** Answers a request in the shop that another one has found a moment before. */
const cachedForAll = (tenants: Tenants): Tenants => {
  let found: ShopVisit | undefined
  let uses = 0
  return {
    ...tenants,
    async visit(shopId) {
      uses += 1
      const own = await tenants.visit(shopId)
      if (!found || uses % 5 === 0) found = own
      return { ...own, parts: found.parts }
    },
  }
}

/** Finds the shop once for each connection of the proxy, as if all its requests were of one shop. */
const foundOnce = (tenants: Tenants): Tenants => {
  const named = new WeakMap<object, string | undefined>()
  return {
    ...tenants,
    nameIn(request) {
      if (!named.has(request.socket)) named.set(request.socket, tenants.nameIn(request))
      return named.get(request.socket)
    },
  }
}

describe('TENANTS-APART', { timeout: 30_000 }, () => {
  test(`every answer and every effect is of the shop that was called (seed ${seed})`, async () => {
    expect(await tenantsApart(seed, (tenants) => tenants)).toEqual([])
  })

  test.each([
    ['that answers from what another request has found', cachedForAll],
    ['that finds the shop once for each connection', foundOnce],
  ])('catches a server %s', async (_, mutant) => {
    const another = expect.stringMatching(/^\w+ (answered a mug of|has \d+, but)/)
    expect(await tenantsApart(seed, mutant)).toEqual(expect.arrayContaining([another]))
  })
})
