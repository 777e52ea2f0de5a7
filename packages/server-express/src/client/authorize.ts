import type { Fetch } from './retry.js'

/** The bearer token of the caller, or undefined to send none. */
export type TokenSource = () => string | undefined | Promise<string | undefined>

/**
 * Wraps fetch with the caller's token. After a 401 it asks for the token once more and, if it gets another one, sends the
 * same request a second time. The caller gets that response, whatever its status.
 */
export const authorizing =
  (fetch: Fetch, token: TokenSource): Fetch =>
  async (request) => {
    const bearer = await token()
    const response = await fetch(bearing(request.clone(), bearer))
    if (response.status !== 401) return response
    const renewed = await token()
    if (renewed === undefined || renewed === bearer) return response
    await response.body?.cancel()
    return fetch(bearing(request, renewed))
  }

const bearing = (request: Request, token: string | undefined): Request => {
  if (token !== undefined) request.headers.set('authorization', `Bearer ${token}`)
  return request
}
