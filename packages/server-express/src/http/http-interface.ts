import type { Express, Router } from 'express'

/** The HTTP interface of a shop, in two forms. */
export interface HttpInterface {
  /** An application that answers every request: served alone, or mounted in another application. */
  readonly app: Express
  /** A router for an application of the host: requests that no route matches fall through. */
  readonly router: Router
  /** The live streams of both. */
  readonly live: {
    /** Number of streams that are open. */
    readonly size: number
  }
}
