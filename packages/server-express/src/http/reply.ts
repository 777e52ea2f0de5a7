import type { Writable } from 'node:stream'

export type Headers = Readonly<Record<string, string>>

interface ReplyHead {
  readonly status: number
  readonly contentType: string
  readonly headers?: Headers | undefined
  /** @default 'no-store' */
  readonly cacheControl?: string | undefined
  /** The request header that chose the representation. */
  readonly vary?: string | undefined
}

/** An answer that goes on after its head. Exactly one of these is called, once. */
export interface ReplyStream {
  /** Writes to the connection until it closes. */
  open(sink: Writable): void
  /** Nothing more is to be written. */
  leave(): void
}

/** An answer that is not a refusal, ready to be written. */
export type Reply = ReplyHead &
  ({ readonly content: string | Buffer } | { readonly file: string } | { readonly stream: ReplyStream })
