export type Headers = Readonly<Record<string, string>>

/** A successful response, ready to be written. */
export interface Reply {
  readonly status: number
  readonly contentType: string
  readonly content: string | Buffer
  readonly headers?: Headers | undefined
  /** @default 'no-store' */
  readonly cacheControl?: string | undefined
}
