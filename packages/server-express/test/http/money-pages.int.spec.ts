import { readFileSync } from 'node:fs'
import { inMemoryStore } from '@shop/core/in-memory'
import { manualClock } from '@shop/core/testing'
import { expect, test } from 'vitest'
import { serveShop } from './support/served-shop.js'
import { tokenFor } from './support/tokens.js'

interface Sent {
  readonly path: string
  readonly body: string | undefined
  readonly accept: string | undefined
}

interface Answer {
  readonly status: number
  readonly text: string
}

/** The requests of a block of shell lines: `curl` with its options, and `admin`, which the first page defines. */
const requestsOf = (shell: string): Sent[] =>
  shell
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => {
      const [, path, body] = /^admin (\S+) '(.*)'(?: +#.*)?$/.exec(line) ?? []
      if (path !== undefined) return [{ path, body, accept: undefined }]
      const [, url] = /^curl -si? "?\$SHOP([^" ]+)/.exec(line) ?? []
      if (url === undefined) return []
      return [{ path: url, body: / -d '([^']*)'/.exec(line)?.[1], accept: /-H 'accept: ([^']+)'/.exec(line)?.[1] }]
    })

interface Example {
  readonly requests: readonly Sent[]
  /** What the page shows below them. */
  readonly shown: { readonly kind: string; readonly text: string } | undefined
}

const examplesOf = (page: string): Example[] => {
  const text = readFileSync(new URL(`../../../../docs/start/money/${page}.md`, import.meta.url), 'utf8')
  const blocks = [...text.matchAll(/^```(sh|http|json|text)\n([\s\S]*?)^```$/gm)].map(
    ([, kind = '', content = '']) => ({
      kind,
      text: content,
    }),
  )
  return blocks.flatMap((block, index) => {
    const requests = block.kind === 'sh' ? requestsOf(block.text) : []
    const next = blocks[index + 1]
    return requests.length > 0 ? [{ requests, shown: next?.kind === 'sh' ? undefined : next }] : []
  })
}

/** Pages shorten ids to `…`. */
const pattern = (value: unknown): unknown => {
  if (value === '…') return expect.any(String)
  if (Array.isArray(value)) return value.map(pattern)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, pattern(each)]))
}

const expectShown = ({ status, text }: Answer, { kind, text: shown }: NonNullable<Example['shown']>) => {
  if (kind === 'text') {
    const lines = shown.split('\n').filter((line) => line !== '…')
    expect(lines.filter((line) => !text.includes(line))).toEqual([])
  } else if (kind === 'json') {
    expect(JSON.parse(text)).toMatchObject(pattern(JSON.parse(shown)) as object)
  } else {
    const [head = '', content = ''] = shown.split('\n\n')
    expect(head).toContain(` ${status} `)
    expect(JSON.parse(text)).toEqual(pattern(JSON.parse(content)))
  }
}

const send = async (port: number, { path, body, accept = 'application/json' }: Sent): Promise<Answer> => {
  const authorization = `Bearer ${tokenFor('root', 'shop:admin')}`
  const sent = body === undefined ? {} : { method: 'POST', body }
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    ...sent,
    headers: { authorization, accept, 'content-type': 'application/json' },
  })
  return { status: response.status, text: await response.text() }
}

const charge = { path: '/api/balance/charge', body: { userId: 'mina', amount: 30_000 } }

/** What happened before the first example of a page. */
const before: Readonly<Record<string, readonly { readonly path: string; readonly body: object }[]>> = {
  'charge-once': [],
  withdraw: [charge, { path: '/api/admin/balance/grant', body: { userId: 'mina', amount: 5_000 } }],
  'correct-a-balance': [charge],
  'grant-bonus': [charge],
  'refund-a-part': [charge],
  quote: [charge],
  statement: [
    { path: '/api/admin/products', body: { productId: 'cup', name: 'Cup', price: 900, stock: 10 } },
    { path: '/api/balance/charge', body: { userId: 'mina', amount: 10_000 } },
    { path: '/api/balance/charge', body: { userId: 'joon', amount: 5_000 } },
    { path: '/api/admin/balance/grant', body: { userId: 'mina', amount: 2_000 } },
    { path: '/api/admin/balance/withdraw', body: { userId: 'joon', amount: 1_500 } },
    { path: '/api/admin/balance/adjust', body: { userId: 'joon', change: -500, reason: 'counted again' } },
    { path: '/api/orders', body: { userId: 'mina', products: [{ productId: 'cup', quantity: 4 }] } },
    { path: '/api/payments', body: { userId: 'mina', orderId: '$ORDER_ID' } },
    { path: '/api/orders/$ORDER_ID/refund', body: { lines: [{ productId: 'cup', quantity: 1 }] } },
  ],
  'find-by-reference': [
    { path: charge.path, body: { ...charge.body, reference: 'pay_8Kq2', metadata: { provider: 'toss' } } },
    {
      path: '/api/orders',
      body: { userId: 'mina', products: [{ productId: 'mug', quantity: 1 }], reference: 'web-1001' },
    },
  ],
}

test.each(Object.keys(before))('the calls of docs/start/money/%s.md get the answers that it shows', async (page) => {
  const clock = manualClock(Date.parse('2026-03-02T00:00:00Z'))
  const { port } = await serveShop({ store: () => inMemoryStore({ clock }) })
  let orderId = ''
  /** The variable of the pages that names the last order. */
  const known = (text: string) => text.replaceAll(`'$ORDER_ID'`, orderId).replaceAll('$ORDER_ID', orderId)
  const call = async ({ path, body, accept }: Sent): Promise<Answer> => {
    const answer = await send(port, { path: known(path), body: body && known(body), accept })
    if (path === '/api/orders' && body !== undefined) orderId = JSON.parse(answer.text).orderId
    return answer
  }
  const succeed = async (each: Sent) => {
    const { status, text } = await call(each)
    expect([each.path, status < 300, text]).toEqual([each.path, true, text])
  }
  for (const { requests } of examplesOf('README')) for (const each of requests) await succeed(each)
  for (const { path, body } of before[page] ?? [])
    await succeed({ path, body: JSON.stringify(body), accept: undefined })
  const examples = examplesOf(page)
  expect(examples.filter(({ shown }) => shown).length).toBeGreaterThan(0)
  for (const { requests, shown } of examples) {
    const unseen = shown ? requests.slice(0, -1) : requests
    for (const each of unseen) await succeed(each)
    const last = requests.at(-1)
    if (shown && last) expectShown(await call(last), shown)
  }
})
