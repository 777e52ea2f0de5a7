import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { liveShop } from './support.js'

/** Serves the live stream of one product over a socket; the time is the test's. */
const serve = async (shop: ReturnType<typeof liveShop>) => {
  const responses: ServerResponse[] = []
  const server = createServer(async (_request, response) => {
    responses.push(response)
    const stream = await shop.live.watch('mug')
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    stream.open(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, responses }
}

test('a client that stops reading costs a fixed amount of memory, and gets the last state when it reads on', async () => {
  const shop = liveShop()
  // An event as large as it gets: times, and a price and a stock with many digits.
  shop.put('mug', { stock: 10 ** 12, price: 9_000_000_000, opensAt: shop.at(0), closesAt: shop.at(10 ** 12) })
  const { port, responses } = await serve(shop)
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
  })
  socket.write('GET / HTTP/1.1\r\nhost: shop\r\n\r\n')
  await once(socket, 'data')
  socket.pause()
  const [response] = responses
  let stock = 10 ** 12
  let longest = 0
  // More than the buffers of the kernel hold.
  while (response?.writableLength === 0) {
    stock -= 1
    shop.put('mug', { stock })
    await shop.timer.pass(200)
  }
  for (let n = 0; n < 1_000; n += 1) {
    stock -= 1
    shop.put('mug', { stock })
    await shop.timer.pass(10)
    longest = Math.max(longest, response?.writableLength ?? 0)
  }
  expect(longest).toBeGreaterThan(0)
  expect(longest).toBeLessThan(1_000)
  expect(shop.live.size).toBe(1)

  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.resume()
  await expect.poll(() => response?.writableLength, { timeout: 20_000 }).toBe(0)
  await shop.timer.pass(200)
  await expect.poll(() => text.includes(`"stock":${stock},`), { timeout: 20_000 }).toBe(true)
  const stocks = [...text.matchAll(/"stock":(\d+)/g)].map(([, digits]) => Number(digits))
  expect(stocks.at(-1)).toBe(stock)
  expect(stocks).toEqual([...stocks].sort((a, b) => b - a))
})
