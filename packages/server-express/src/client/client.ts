import createClient, {
  type Client,
  type ClientPathsWithMethod,
  type MaybeOptionalInit,
  type MethodResponse,
} from 'openapi-fetch'
import type { paths } from './api-types.js'
import { problemOf } from './problem.js'
import { defaultRetry, type Fetch, type RetryOptions, retrying } from './retry.js'

export interface ClientOptions {
  /** Where the server is; in a page, what a relative address begins with. */
  readonly baseUrl?: string | undefined
  /** Asked before every request; with nothing, the request goes without a token. */
  readonly token?: (() => string | undefined) | undefined
  /** Of `detail` in problem documents, asked before every request; the runtime's, where left out. */
  readonly language?: (() => 'en' | 'ko' | undefined) | undefined
  readonly retry?: Partial<RetryOptions> | undefined
  readonly fetch?: Fetch | undefined
}

type Method = 'get' | 'post' | 'patch'
type PathsOf<M extends Method> = ClientPathsWithMethod<Client<paths>, M>

/** What an operation answers where it succeeds. */
export type AnswerOf<M extends Method, Path extends PathsOf<M>> = MethodResponse<Client<paths>, M, Path>

/** The parameters and the body of an operation; left out where it needs none. */
type Init<M extends Method, Path extends PathsOf<M>> = MaybeOptionalInit<paths[Path], M>
type Rest<I> = undefined extends I ? readonly [init?: I] : readonly [init: I]

type Call<M extends Method> = <Path extends PathsOf<M>>(
  path: Path,
  ...init: Rest<Init<M, Path>>
) => Promise<AnswerOf<M, Path>>

/**
 * Every operation of the HTTP API by method and path. Resolves with the answer; rejects with a ShopProblem where the
 * server says no, with an UnexpectedAnswer where something else answered, and with fetch's own error where nothing did.
 */
export interface ShopClient {
  readonly get: Call<'get'>
  /** Carries an Idempotency-Key of its own, where none is given: however often it is sent, it has one effect. */
  readonly post: Call<'post'>
  readonly patch: Call<'patch'>
}

const keyHeader = 'idempotency-key'

/** 128 random bits. Not `randomUUID`: a page without TLS has none. */
export const newIdempotencyKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** A client of the server, for browsers and Node. */
export const createShopClient = (options: ClientOptions = {}): ShopClient => {
  const { baseUrl = '', token, language, retry, fetch = (request) => globalThis.fetch(request) } = options
  const client = createClient<paths>({ baseUrl, fetch: retrying(fetch, { ...defaultRetry, ...retry }) })
  client.use({
    onRequest({ request }) {
      const bearer = token?.()
      const wanted = language?.()
      if (bearer !== undefined) request.headers.set('authorization', `Bearer ${bearer}`)
      if (wanted !== undefined) request.headers.set('accept-language', wanted)
      if (request.method === 'POST' && !request.headers.has(keyHeader)) {
        request.headers.set(keyHeader, newIdempotencyKey())
      }
    },
    async onResponse({ response }) {
      if (!response.ok) throw await problemOf(response)
    },
  })
  const answer =
    (call: (path: never, init: never) => Promise<{ data?: unknown }>) =>
    async (path: unknown, init: unknown = {}): Promise<unknown> =>
      (await call(path as never, init as never)).data
  return {
    get: answer(client.GET) as Call<'get'>,
    post: answer(client.POST) as Call<'post'>,
    patch: answer(client.PATCH) as Call<'patch'>,
  }
}
