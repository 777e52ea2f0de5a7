import createClient, {
  type Client,
  type ClientPathsWithMethod,
  type MaybeOptionalInit,
  type MethodResponse,
  type Middleware,
} from 'openapi-fetch'
import type { paths } from './api-types.js'
import { authorizing, type TokenSource } from './authorize.js'
import { problemOf } from './problem.js'
import { defaultRetry, type Fetch, type RetryOptions, retrying } from './retry.js'
import { lowestProduct, type RoutedCall, type RouteOfOrder, Routes, routeHeader } from './route.js'

export interface ClientOptions {
  /** Base URL of the server. @default '' (relative URLs, for a page of the same origin) */
  readonly baseUrl?: string | undefined
  /**
   * Called before every request, and once more after a 401. If it then returns another token, the request is sent a second
   * time. Without a token, requests are sent unauthenticated.
   */
  readonly token?: TokenSource | undefined
  /** Language of `detail` in problem documents, called before every request. @default the default of the runtime */
  readonly language?: (() => 'en' | 'ko' | undefined) | undefined
  readonly retry?: Partial<RetryOptions> | undefined
  readonly fetch?: Fetch | undefined
  /**
   * The value of `X-Shop-Route` for an order, by which a balancer can send orders that want the same products to one
   * server. It makes nothing more correct, only cheaper. False sends the header with no request, for example because the
   * CORS settings of another server do not allow it.
   * @default the lowest id of its products
   */
  readonly route?: RouteOfOrder | false | undefined
}

type Method = 'get' | 'post' | 'patch'
type PathsOf<M extends Method> = ClientPathsWithMethod<Client<paths>, M>

/** Of several formats, the client gets JSON. */
type JsonOf<Answer> = Exclude<Answer, string> extends never ? Answer : Exclude<Answer, string>

/** The successful response of an operation. */
export type AnswerOf<M extends Method, Path extends PathsOf<M>> = JsonOf<MethodResponse<Client<paths>, M, Path>>

/** What `parseAs` makes of a response. Without it, the response is an {@link AnswerOf} the operation. */
interface ParsedAs {
  readonly text: string
  readonly blob: Blob
  readonly arrayBuffer: ArrayBuffer
}

type ParseAs = keyof ParsedAs | undefined

/** The parameters and the body of an operation. Optional if it needs none. */
type Init<M extends Method, Path extends PathsOf<M>> = MaybeOptionalInit<paths[Path], M>
type Rest<I, As> = undefined extends I
  ? readonly [init?: NonNullable<I> & { readonly parseAs?: As }]
  : readonly [init: I & { readonly parseAs?: As }]

type OperationCaller<M extends Method> = <Path extends PathsOf<M>, As extends ParseAs = undefined>(
  path: Path,
  ...init: Rest<Init<M, Path>, As>
) => Promise<As extends keyof ParsedAs ? ParsedAs[As] : AnswerOf<M, Path>>

/**
 * Every operation of the HTTP API, by method and path. Resolves with the response body. Rejects with:
 * - ShopProblem if the server refuses the request,
 * - UnexpectedAnswer if something other than the server responds,
 * - the error of `fetch` if nothing responds.
 */
export interface ShopClient {
  readonly get: OperationCaller<'get'>
  /** Sends a generated Idempotency-Key unless one is given, so retries take effect only once. */
  readonly post: OperationCaller<'post'>
  readonly patch: OperationCaller<'patch'>
}

const keyHeader = 'idempotency-key'

/** Generates a key of 128 random bits. `randomUUID` is missing on pages without TLS. */
export const newIdempotencyKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** Adds the route to a request, unless its caller has set one. */
const routing = (route: string): Middleware => ({
  onRequest({ request: { headers } }) {
    if (!headers.has(routeHeader)) headers.set(routeHeader, route)
  },
})

/** Creates a typed client of the server, for browsers and Node. */
export const createShopClient = (options: ClientOptions = {}): ShopClient => {
  const {
    baseUrl = '',
    token,
    language,
    retry,
    route = lowestProduct,
    fetch = (request) => globalThis.fetch(request),
  } = options
  const patient = retrying(fetch, { ...defaultRetry, ...retry })
  const client = createClient<paths>({ baseUrl, fetch: token ? authorizing(patient, token) : patient })
  client.use({
    onRequest({ request }) {
      const wanted = language?.()
      if (wanted !== undefined) request.headers.set('accept-language', wanted)
      if (request.method === 'POST' && !request.headers.has(keyHeader)) {
        request.headers.set(keyHeader, newIdempotencyKey())
      }
    },
    async onResponse({ response }) {
      if (!response.ok) throw await problemOf(response)
    },
  })
  const routes = route === false ? undefined : new Routes(route)
  const answer =
    (call: (path: never, init: never) => Promise<{ data?: unknown }>, { writes }: { readonly writes: boolean }) =>
    async (path: unknown, init: RoutedCall & { readonly middleware?: Middleware[] } = {}): Promise<unknown> => {
      const routed = writes ? routes?.of(path, init) : undefined
      const middleware = routed === undefined ? init.middleware : [...(init.middleware ?? []), routing(routed)]
      const { data } = await call(path as never, { ...init, ...(middleware && { middleware }) } as never)
      routes?.learn(data)
      return data
    }
  return {
    get: answer(client.GET, { writes: false }) as OperationCaller<'get'>,
    post: answer(client.POST, { writes: true }) as OperationCaller<'post'>,
    patch: answer(client.PATCH, { writes: true }) as OperationCaller<'patch'>,
  }
}
