import { SignJWT } from 'jose'

export const secret = '0123456789abcdef0123456789abcdef'

export const tokenOf = (userId: string, scope = ''): Promise<string> =>
  new SignJWT({ scope })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret))

export interface ApiResponse {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests inspect responses of every shape
  readonly body: any
}

const callerOf = async (url: string, userId: string, scope = '') => {
  const authorization = `Bearer ${await tokenOf(userId, scope)}`
  return async (method: string, path: string, body?: unknown, key?: string): Promise<ApiResponse> => {
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

export type ApiCaller = Awaited<ReturnType<typeof callerOf>>

/** Calls a server as its administrator. */
export const administratorOf = (url: string): Promise<ApiCaller> => callerOf(url, 'root', 'shop:admin')

/** Calls a server as one of its users. */
export const userOf = (url: string, userId: string): Promise<ApiCaller> => callerOf(url, userId)
