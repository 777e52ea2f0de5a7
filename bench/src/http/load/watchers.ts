import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** Live streams of one product, each on a connection of its own. Counts the states without parsing them. */
export class Watchers {
  readonly #sockets = new Set<Socket>()
  #states = 0

  get states(): number {
    return this.#states
  }

  /** Resolves once every stream has its first state. */
  async open(port: number, path: string, count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#watch(port, path)))
  }

  /** Keeps this many streams open for `ms`. Each stays for up to ten seconds, then another one follows it. */
  async churn(port: number, path: string, { count, ms }: { readonly count: number; readonly ms: number }) {
    const until = performance.now() + ms
    const comeAndGo = async (): Promise<void> => {
      while (performance.now() < until) {
        const socket = await this.#watch(port, path)
        await pause(Math.min(Math.random() * 10_000, Math.max(0, until - performance.now())))
        this.#leave(socket)
      }
    }
    await Promise.all(Array.from({ length: count }, comeAndGo))
  }

  close(): void {
    for (const socket of this.#sockets) this.#leave(socket)
    this.#states = 0
  }

  #leave(socket: Socket): void {
    this.#sockets.delete(socket)
    socket.destroy()
  }

  #watch(port: number, path: string): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true })
      this.#sockets.add(socket)
      let begun = false
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('the server ended a live stream')))
      socket.on('data', (chunk: Buffer) => {
        if (!begun && !chunk.includes('HTTP/1.1 200')) reject(new Error(chunk.toString().slice(0, 200)))
        begun = true
        if (!chunk.includes('data:')) return
        this.#states += 1
        resolve(socket)
      })
      socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n`)
    })
  }
}
