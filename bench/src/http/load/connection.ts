import { connect, type Socket } from 'node:net'

export interface Response {
  readonly status: number
  readonly body: string
}

/**
 * One keep-alive connection that sends requests in sequence. It parses only enough HTTP to find the end of a
 * response, because it shares two processors with the measured server.
 */
export class Connection {
  readonly #socket: Socket
  #text = ''
  #answered: ((response: Response) => void) | undefined
  #failed: ((error: Error) => void) | undefined

  constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true })
    this.#socket.setEncoding('latin1').on('data', (text: unknown) => this.#read(String(text)))
    this.#socket.on('error', (error) => this.#failed?.(error))
    this.#socket.on('close', () => this.#failed?.(new Error('the server closed a connection')))
  }

  send(request: string): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve
      this.#failed = reject
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#failed = undefined
    this.#socket.destroy()
  }

  #read(text: string): void {
    this.#text = this.#text === '' ? text : this.#text + text
    const end = this.#text.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#text)?.[1]
    const all = end + 4 + Number(length ?? 0)
    if (this.#text.length < all) return
    const response = { status: Number(this.#text.slice(9, 12)), body: this.#text.slice(end + 4, all) }
    this.#text = ''
    this.#answered?.(response)
  }
}
