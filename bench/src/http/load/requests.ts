import { createHmac } from 'node:crypto'

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const header = base64url({ alg: 'HS256', typ: 'JWT' })

/** A token with these claims, valid for a day. */
export const signedToken = (claims: Readonly<Record<string, unknown>>, secret: string): string => {
  const now = Math.floor(Date.now() / 1_000)
  const payload = base64url({ ...claims, iat: now, exp: now + 86_400 })
  const signature = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')
  return `${header}.${payload}.${signature}`
}

/** A token for one user. `mark` makes it different from other tokens of that user. */
export const tokenOf = (userId: string, secret: string, mark = ''): string =>
  signedToken({ sub: userId, ...(mark && { jti: mark }) }, secret)

const common = 'host: 127.0.0.1\r\nconnection: keep-alive\r\naccept: application/json\r\nuser-agent: bench'

export const get = (path: string): string => `GET ${path} HTTP/1.1\r\n${common}\r\n\r\n`

export const post = (path: string, token: string, body: unknown): string => {
  const text = JSON.stringify(body)
  return `POST ${path} HTTP/1.1\r\n${common}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`
}
