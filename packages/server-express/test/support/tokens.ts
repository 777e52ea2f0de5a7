import { SignJWT } from 'jose'

export const secret = '0123456789abcdef0123456789abcdef'

const administratorToken = (): Promise<string> =>
  new SignJWT({ scope: 'shop:admin' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('root')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret))

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any
}

/** Calls a server as its administrator. */
export const administratorOf = async (url: string) => {
  const authorization = `Bearer ${await administratorToken()}`
  return async (method: string, path: string, body?: unknown, key?: string): Promise<Answer> => {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, headers: response.headers, body: await response.json().catch(() => undefined) }
  }
}

export type Call = Awaited<ReturnType<typeof administratorOf>>
