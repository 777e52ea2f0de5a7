// redlock has declarations that its `exports` do not lead to. Only what is used here; nothing of it shows in our own.
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
    /** By the wall clock of this process. */
    expiration: number
    extend(ms: number): Promise<Lock>
    release(): Promise<unknown>
  }
  export default class Redlock {
    constructor(clients: Iterable<Client>, settings?: { readonly retryCount?: number; readonly driftFactor?: number })
    acquire(keys: readonly string[], ms: number): Promise<Lock>
  }
}
