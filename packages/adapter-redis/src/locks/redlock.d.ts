// The `exports` of redlock 5 do not include its declarations. These cover what this package uses; none of them is public.
declare module 'redlock' {
  export interface Client {
    evalsha(hash: string, numberOfKeys: number, keysAndArguments: readonly (string | number)[]): Promise<unknown>
    eval(text: string, numberOfKeys: number, keysAndArguments: readonly (string | number)[]): Promise<unknown>
  }
  export interface ExecutionStats {
    readonly votesFor: ReadonlySet<Client>
    readonly votesAgainst: ReadonlyMap<Client, Error>
  }
  export interface Lock {
    /** When the lease ends by this process's wall clock, in milliseconds since the epoch. */
    expiration: number
    extend(ms: number): Promise<Lock>
    release(): Promise<unknown>
  }
  export default class Redlock {
    constructor(clients: Iterable<Client>, settings?: { readonly retryCount?: number; readonly driftFactor?: number })
    acquire(keys: readonly string[], ms: number): Promise<Lock>
  }
}
