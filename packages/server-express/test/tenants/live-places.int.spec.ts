import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { domain, type ServedShops, serveShops, stock, twoDatabases } from './support.js'

const databases = twoDatabases()

/** Watches a product of a shop until the test ends. */
const watch = ({ port }: ServedShops, shopId: string): Promise<{ status: number | undefined; leave: () => void }> =>
  new Promise((resolve, reject) => {
    const headers = { host: `${shopId}.${domain}` }
    const asked: ClientRequest = request(
      { port, path: '/api/products/mug/live', headers },
      (answer: IncomingMessage) => {
        answer.on('error', () => undefined).resume()
        resolve({ status: answer.statusCode, leave: () => asked.destroy() })
      },
    )
    asked.on('error', reject).end()
    onTestFinished(() => void asked.destroy())
  })

test('the watchers of one shop leave places for those of the others', async () => {
  const places = (schema: string) => ({ database: databases.a.url, schema })
  const served = await serveShops(
    { books: places('books'), music: places('music'), films: places('films') },
    { liveConnections: 12, scheduler: false },
  )
  const shopIds = ['books', 'music', 'films']
  await Promise.all(shopIds.map((shopId) => stock(served, shopId)))
  const openOf = async (shopId: string) => {
    const answers = []
    for (let n = 0; n < 12; n += 1) answers.push(await watch(served, shopId))
    return answers.filter(({ status }) => status === 200)
  }
  const [books, music, films] = [await openOf('books'), await openOf('music'), await openOf('films')]
  // Half of all, then half of the rest, and so on.
  expect([books.length, music.length, films.length]).toEqual([6, 3, 2])
  for (const { leave } of books) leave()
  await expect.poll(async () => (await watch(served, 'films')).status).toBe(200)
})
