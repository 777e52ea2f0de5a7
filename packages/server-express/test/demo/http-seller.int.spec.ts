import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { httpSeller } from '../../src/demo/rush/sellers/http-seller.js'

/** A seller of coupons by requests to a host that always answers this. */
const sellerAgainst = async (status: number, body: string) => {
  const host = createServer((request, response) =>
    request.resume().on('end', () => response.writeHead(status).end(body)),
  )
  await once(host.listen(0, '127.0.0.1'), 'listening')
  const { port } = host.address() as AddressInfo
  const seller = httpSeller({
    baseUrl: `http://127.0.0.1:${port}`,
    kind: 'coupons',
    subjectId: 'c1',
    connections: 1,
    buyerOf: (index) => `buyer-${index}`,
    tokens: undefined,
  })
  onTestFinished(async () => {
    await seller.close()
    await new Promise((resolve) => host.close(resolve))
  })
  return seller
}

test('a buyer who gets an answer of another format than JSON counts as unavailable', async () => {
  for (const [status, body] of [
    [502, '<html>Bad Gateway</html>'],
    [200, ''],
  ] as const) {
    const seller = await sellerAgainst(status, body)
    expect(await seller.attempt(0)).toBe('unavailable')
  }
})

test('a buyer who gets JSON counts by its status', async () => {
  expect(await (await sellerAgainst(200, '{}')).attempt(0)).toBe('won')
  expect(await (await sellerAgainst(409, '{}')).attempt(0)).toBe('refused')
  expect(await (await sellerAgainst(429, '{}')).attempt(0)).toBe('unavailable')
})
