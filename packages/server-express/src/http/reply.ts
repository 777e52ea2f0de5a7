export type Headers = Readonly<Record<string, string>>

/** An answer that was not refused, ready to be written. */
export interface Reply {
  readonly status: number
  readonly contentType: string
  readonly content: string | Buffer
  readonly headers?: Headers | undefined
  /** `no-store`, where left out. */
  readonly cacheControl?: string | undefined
}
