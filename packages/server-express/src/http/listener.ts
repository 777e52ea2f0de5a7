import type { AddressInfo } from 'node:net'

/** Listens for HTTP, in this process or in others. */
export interface Listener {
  /** Rejects with the error of the system, for example EADDRINUSE. */
  listen(port: number, host: string): Promise<AddressInfo>
  /** Answers the requests under way and closes. Resolves with the number of connections that were cut off after `graceMs`. */
  close(graceMs: number): Promise<number>
}
