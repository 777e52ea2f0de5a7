import type { Writable } from 'node:stream'

/** Bytes in front of a frame: the length of its messages and the length of its contents, 32 bits each. */
const prefixBytes = 8

/** Messages that travel together, and the contents that they announce. */
export interface Frame {
  readonly messages: readonly unknown[]
  /** What follows the messages: each message says how many bytes of it are its own, in the order of the messages. */
  readonly contents: Buffer
}

/** Encodes messages, each as JSON, and the texts that they announce: each must announce its length in bytes. */
export const encodeFrame = (messages: readonly string[], contents: readonly string[] = []): Buffer => {
  const head = `[${messages.join(',')}]`
  const rest = contents.length === 0 ? '' : contents.join('')
  const headBytes = Buffer.byteLength(head)
  const restBytes = rest === '' ? 0 : Buffer.byteLength(rest)
  const frame = Buffer.allocUnsafe(prefixBytes + headBytes + restBytes)
  frame.writeUInt32LE(headBytes, 0)
  frame.writeUInt32LE(restBytes, 4)
  frame.write(head, prefixBytes)
  if (restBytes > 0) frame.write(rest, prefixBytes + headBytes)
  return frame
}

const decodeFrame = (bytes: Buffer): Frame => {
  const headEnd = prefixBytes + bytes.readUInt32LE(0)
  return { messages: JSON.parse(bytes.toString('utf8', prefixBytes, headEnd)), contents: bytes.subarray(headEnd) }
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  #chunks: Buffer[] = []
  #size = 0
  /** How many bytes must be there before there is something to do. */
  #wanted = prefixBytes

  /** The frames that this chunk completes. */
  read(chunk: Buffer): readonly Frame[] {
    const frames: Frame[] = []
    this.#chunks.push(chunk)
    this.#size += chunk.length
    while (this.#size >= this.#wanted) {
      const bytes = this.#joined()
      this.#wanted = prefixBytes + bytes.readUInt32LE(0) + bytes.readUInt32LE(4)
      if (this.#size < this.#wanted) break
      const frame = bytes.subarray(0, this.#wanted)
      this.#chunks = [bytes.subarray(this.#wanted)]
      this.#size -= this.#wanted
      this.#wanted = prefixBytes
      frames.push(decodeFrame(frame))
    }
    return frames
  }

  #joined(): Buffer {
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
    this.#chunks = [bytes]
    return bytes
  }
}

/** Sends all messages of one turn of the event loop as one frame. */
export class FrameWriter {
  readonly #stream: Writable
  #messages: string[] = []
  #contents: string[] = []

  constructor(stream: Writable) {
    this.#stream = stream
  }

  /** Bytes that the other side has not taken yet. */
  get unreadBytes(): number {
    return this.#stream.writableLength
  }

  /**
   * A message that announces a content says its length in bytes.
   * @throws the error of JSON, for what it cannot write
   */
  send(message: object, content = ''): void {
    const text = JSON.stringify(message)
    if (this.#messages.length === 0) setImmediate(() => this.#flush())
    this.#messages.push(text)
    if (content !== '') this.#contents.push(content)
  }

  #flush(): void {
    const [messages, contents] = [this.#messages, this.#contents]
    this.#messages = []
    this.#contents = []
    if (this.#stream.writable) this.#stream.write(encodeFrame(messages, contents))
  }
}
