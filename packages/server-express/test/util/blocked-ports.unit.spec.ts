import { expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.js'
import { portFault } from '../../src/util/blocked-ports.js'

/** Ends every request before it reaches the network. */
const dispatcher = {
  dispatch(_: unknown, handler: { onError(error: Error): void }) {
    handler.onError(new Error('dispatched'))
    return true
  },
}

const isBlockedByFetch = async (port: number): Promise<boolean> => {
  try {
    await fetch(`http://127.0.0.1:${port}`, { dispatcher } as never)
    throw new Error('answered')
  } catch (error) {
    return /bad port/.test(String((error as Error).cause))
  }
}

test('lists the ports that fetch blocks', async () => {
  const blocked: number[] = []
  for (let port = 1; port < 11_000; port += 1) if (await isBlockedByFetch(port)) blocked.push(port)
  expect(blocked.length).toBeGreaterThan(80)
  expect(blocked.filter((port) => portFault(new URL(`http://h:${port}`)) === undefined)).toEqual([])
}, 30_000)

test.each(['http://h', 'https://h', 'http://h:80', 'http://h:8080', 'http://h:6001', 'https://h:65535'])(
  'allows %s',
  (url) => {
    expect(portFault(new URL(url))).toBeUndefined()
  },
)

test.each([
  ['SHOP_DATA_PLATFORM_URL', 'http://platform:6000/events'],
  ['SHOP_DATA_PLATFORM_URL', 'http://platform:25'],
  ['SHOP_JWKS_URL', 'https://keys:10080/jwks'],
])('refuses %s=%s', async (name, url) => {
  const { port } = new URL(url)
  const environment = { [name]: url, SHOP_DATA_PLATFORM_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }
  await expect(readConfig(environment)).rejects.toThrow(
    `${name} has port ${port}, which is reserved for another protocol`,
  )
})
