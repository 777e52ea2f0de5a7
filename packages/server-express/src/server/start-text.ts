import type { AddressInfo } from 'node:net'
import type { Policies } from '@shop/core'
import { demoProducts, demoUsers } from '../demo/catalogue.js'
import { chargeable } from '../demo/demo-data.js'
import type { DemoTokens } from '../demo/demo-tokens.js'

export interface StartText {
  readonly url: string
  readonly policies: Policies
  /** Whether demo data is on. */
  readonly hasDemoData: boolean
  /** Whether the page at `/` is served. */
  readonly hasPage: boolean
  /** Why demo sign-in is off by default. */
  readonly signInRefused: string | undefined
  readonly tokens: DemoTokens | undefined
  /** Whether the server needs no token. */
  readonly isOpen: boolean
  readonly isSecretGenerated: boolean
  readonly startedInMs: number
}

/** The URL of the server for a client on this machine. */
export const urlOf = ({ address, family, port }: AddressInfo): string => {
  if (address === '0.0.0.0' || address === '::') return `http://localhost:${port}`
  return family === 'IPv6' ? `http://[${address}]:${port}` : `http://${address}:${port}`
}

const get = (url: string, token?: string): string =>
  token === undefined ? `curl -s '${url}'` : `curl -s '${url}' -H 'authorization: Bearer ${token}'`

const post = (url: string, token: string | undefined, body: unknown): string =>
  `${get(url, token)} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`

const examples = ({
  url,
  policies,
  hasDemoData,
  tokens,
  isOpen,
}: StartText): readonly (readonly [string, string])[] => {
  const canAct = isOpen || tokens !== undefined
  if (!hasDemoData || !canAct) {
    return [
      ['List the products', get(`${url}/api/products`)],
      ['List the coupons that can be claimed now', get(`${url}/api/coupon`)],
      canAct
        ? ['Check every law of the shop (administrator)', get(`${url}/api/admin/audit`, tokens?.administrator)]
        : ['Check that the server is ready', get(`${url}/readyz`)],
    ]
  }
  const [userId] = demoUsers
  const token = tokens?.user.token
  const [product] = demoProducts
  const amount = chargeable(10_000, policies.charge) ?? policies.charge.minimum
  return [
    ['List the products', get(`${url}/api/products`)],
    ['Charge a balance', post(`${url}/api/balance/charge`, token, { userId, amount })],
    [
      'Place an order',
      post(`${url}/api/orders`, token, { userId, products: [{ productId: product?.productId, quantity: 1 }] }),
    ],
  ]
}

/** The text printed after startup. */
export const startText = (text: StartText): string => {
  const { url, hasPage, signInRefused, tokens, isSecretGenerated, startedInMs } = text
  const lines = [`Listening on ${url} after ${Math.round(startedInMs)} ms`]
  if (hasPage) lines.push(`  shop ${url}/`)
  lines.push(`  docs ${url}/docs`)
  if (signInRefused !== undefined) {
    lines.push(`  no demo sign-in: ${signInRefused}; SHOP_DEMO_SIGN_IN=on lets everyone sign in as an administrator`)
  }
  if (tokens) {
    lines.push(
      '',
      `Tokens, valid for 24 hours${isSecretGenerated ? ' and for this run only: SHOP_JWT_SECRET is not set' : ''}`,
      `  ${tokens.user.userId}  ${tokens.user.token}`,
      `  administrator  ${tokens.administrator}`,
    )
  }
  lines.push('', 'Try it')
  for (const [what, command] of examples(text)) lines.push(`  # ${what}`, `  ${command}`)
  return `${lines.join('\n')}\n`
}
