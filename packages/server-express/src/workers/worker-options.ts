import type { SignInWay } from '../demo/demo.js'
import type { AuthOptions, ServerOptions } from '../options.js'

/** The options of a server that its workers need: data only, because functions cannot travel. */
export interface WorkerHttpOptions
  extends Pick<
    ServerOptions,
    | 'authOffIsSafe'
    | 'chargeAccess'
    | 'trustProxy'
    | 'rateLimit'
    | 'problemStatus'
    | 'problems'
    | 'corsOrigins'
    | 'publicUrl'
  > {
  readonly auth: Exclude<AuthOptions, { authenticate: unknown }>
  /** Undefined if demo data is off. */
  readonly demo: { readonly signIn: SignInWay; readonly isLocalOnly: boolean } | undefined
  /** Whether the page at `/` is served. */
  readonly hasPage: boolean
}
