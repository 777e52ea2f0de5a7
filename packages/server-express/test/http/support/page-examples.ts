import { readFileSync } from 'node:fs'
import type { PolicyOverrides } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { manualClock } from '@shop/core/testing'
import { expect } from 'vitest'
import { serveShop } from './served-shop.js'
import { tokenFor } from './tokens.js'

export interface Sent {
  readonly method: string
  readonly path: string
  readonly body?: string | undefined
  /** Header names in lower case. Pages write variables for tokens. */
  readonly headers: Readonly<Record<string, string>>
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

const json = { 'content-type': 'application/json' }
const asAdmin = { ...json, authorization: 'Bearer $ADMIN_TOKEN' }

/** A POST of an administrator. */
export const posted = (path: string, body: object): Sent => ({
  method: 'POST',
  path,
  body: JSON.stringify(body),
  headers: asAdmin,
})

const headersOf = (line: string): Record<string, string> =>
  Object.fromEntries(
    [...line.matchAll(/ -H (['"])([^:]+): (.*?)\1/g)].map(([, , name = '', value = '']) => [name.toLowerCase(), value]),
  )

/** The requests of a block of shell lines: `curl` with its options, and the functions that the first page defines. */
const requestsOf = (shell: string): Sent[] =>
  shell
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => {
      const [, name, called, content] = /^(admin|change) (\S+) '(.*)'(?: +#.*)?$/.exec(line) ?? []
      if (called !== undefined)
        return [{ method: name === 'admin' ? 'POST' : 'PATCH', path: called, body: content, headers: asAdmin }]
      const [, given, path] = /^curl -s[iN]*(?: -X ([A-Z]+))? "?\$SHOP([^" ]+)/.exec(line) ?? []
      if (path === undefined) return []
      const body = / -d '([^']*)'/.exec(line)?.[1]
      return [{ method: given ?? (body === undefined ? 'GET' : 'POST'), path, body, headers: headersOf(line) }]
    })

interface Example {
  readonly requests: readonly Sent[]
  /** What the page shows below them. */
  readonly shown: { readonly kind: string; readonly text: string } | undefined
}

const examplesOf = (folder: string, page: string): Example[] => {
  const text = readFileSync(new URL(`../../../../../docs/start/${folder}/${page}.md`, import.meta.url), 'utf8')
  const blocks = [...text.matchAll(/^```(sh|http|json|text)\n([\s\S]*?)^```$/gm)].map(
    ([, kind = '', content = '']) => ({ kind, text: content }),
  )
  return blocks.flatMap((block, index) => {
    const requests = block.kind === 'sh' ? requestsOf(block.text) : []
    const next = blocks[index + 1]
    return requests.length > 0 ? [{ requests, shown: next?.kind === 'sh' ? undefined : next }] : []
  })
}

/** Pages shorten ids and what depends on the time to `…`. */
const pattern = (value: unknown): unknown => {
  if (value === '…') return expect.any(String)
  if (Array.isArray(value)) return value.map(pattern)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, pattern(each)]))
}

const lineMatching = (line: string): RegExp =>
  new RegExp(
    `^${line
      .split('…')
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.+')}$`,
    'm',
  )

const expectShown = ({ status, headers, text }: Answer, { kind, text: shown }: NonNullable<Example['shown']>) => {
  if (kind === 'text') {
    const lines = shown.split('\n').filter((line) => line !== '…' && line !== '')
    expect(lines.filter((line) => !lineMatching(line).test(text))).toEqual([])
  } else if (kind === 'json') {
    expect(JSON.parse(text)).toMatchObject(pattern(JSON.parse(shown)) as object)
  } else {
    const [head = '', content = ''] = shown.split('\n\n')
    const [statusLine = '', ...lines] = head.split('\n')
    expect(statusLine).toContain(` ${status} `)
    for (const line of lines) {
      const [name = '', value = ''] = line.split(': ')
      expect([name, headers.get(name)]).toEqual([name, pattern(value)])
    }
    const body = pattern(JSON.parse(content)) as object
    if (status >= 400) expect(JSON.parse(text)).toMatchObject(body)
    else expect(JSON.parse(text)).toEqual(body)
  }
}

/** The first event of a stream; it does not end by itself. */
const firstEvent = async ({ body }: Response): Promise<string> => {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (/^data: .*\n\n/m.test(text)) break
  }
  return text
}

const tokens: Readonly<Record<string, string>> = {
  $ADMIN_TOKEN: tokenFor('root', 'shop:admin'),
  $CHARGE_TOKEN: tokenFor('root', 'shop:admin'),
  $TOKEN: tokenFor('mina'),
}

const send = async (port: number, { method, path, body, headers }: Sent): Promise<Answer> => {
  const given = Object.entries(headers).map(([name, value]) => [
    name,
    value.replace(/\$[A-Z_]+/, (variable) => tokens[variable] ?? variable),
  ])
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: Object.fromEntries(given),
    ...(body !== undefined && { body }),
  })
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  const text = isStream ? await firstEvent(response) : await response.text()
  return { status: response.status, headers: response.headers, text }
}

export interface PlayedPage {
  /** The folder in `docs/start`. The examples of its `README` come first. */
  readonly folder: string
  /** The name of the page, without its ending. */
  readonly page: string
  /** What happens between the two. */
  readonly before?: readonly Sent[]
  readonly policies?: PolicyOverrides
}

/** Sends the requests of a page, and compares each answer with the one that the page shows below it. */
export const playPage = async ({ folder, page, before = [], policies = {} }: PlayedPage): Promise<void> => {
  const clock = manualClock(Date.parse('2026-03-02T00:00:00Z'))
  const { port } = await serveShop({ policies, store: () => inMemoryStore({ clock }) })
  let orderId = ''
  /** The variable of the pages that names the last order that was placed. */
  const known = (text: string) => text.replaceAll(`'$ORDER_ID'`, orderId).replaceAll('$ORDER_ID', orderId)
  const call = async ({ path, body, ...sent }: Sent): Promise<Answer> => {
    const answer = await send(port, { ...sent, path: known(path), body: body && known(body) })
    if (path === '/api/orders' && answer.status === 201) orderId = JSON.parse(answer.text).orderId
    return answer
  }
  const succeed = async (each: Sent) => {
    const { status, text } = await call(each)
    expect([each.path, status < 300, text]).toEqual([each.path, true, text])
  }
  for (const { requests } of examplesOf(folder, 'README')) for (const each of requests) await succeed(each)
  for (const each of before) await succeed(each)
  const examples = examplesOf(folder, page)
  expect(examples.filter(({ shown }) => shown).length).toBeGreaterThan(0)
  for (const { requests, shown } of examples) {
    const unseen = shown ? requests.slice(0, -1) : requests
    for (const each of unseen) await succeed(each)
    const last = requests.at(-1)
    if (shown && last) expectShown(await call(last), shown)
  }
}
