import { connect, type Socket } from 'node:net'

/** Live streams of one product, each on a connection of its own. Counts the states without parsing them. */
export class Watchers {
  readonly #sockets: Socket[] = []
  #states = 0

  get states(): number {
    return this.#states
  }

  /** Resolves once every stream has its first state. */
  async open(port: number, path: string, count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#watch(port, path)))
  }

  close(): void {
    for (const socket of this.#sockets.splice(0)) socket.destroy()
    this.#states = 0
  }

  #watch(port: number, path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true })
      this.#sockets.push(socket)
      let begun = false
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('the server ended a live stream')))
      socket.on('data', (chunk: Buffer) => {
        if (!begun && !chunk.includes('HTTP/1.1 200')) reject(new Error(chunk.toString().slice(0, 200)))
        begun = true
        if (!chunk.includes('data:')) return
        this.#states += 1
        resolve()
      })
      socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n`)
    })
  }
}
