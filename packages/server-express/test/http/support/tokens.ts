import { createHmac } from 'node:crypto'

export const secret = 'a secret of the tests, 32 bytes or more'

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export interface TokenParts {
  readonly header?: object
  readonly claims?: object
  readonly key?: string
}

/** An HS256 token. `claims` and `header` override its fields; `undefined` removes one. */
export const tokenFor = (sub: unknown, scope = '', { header, claims, key = secret }: TokenParts = {}): string => {
  const now = Math.floor(Date.now() / 1_000)
  const unsigned = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode({ sub, scope, exp: now + 3_600, ...claims })}`
  return `${unsigned}.${createHmac('sha256', key).update(unsigned).digest('base64url')}`
}
