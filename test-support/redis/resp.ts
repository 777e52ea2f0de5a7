import { connect } from 'node:net'

/** A reply of Redis: text or a number as text, an array of replies, or null. */
export type Reply = string | null | readonly Reply[]

interface Parsed {
  readonly reply: Reply | Error
  readonly end: number
}

/** Parses the reply that begins at `start`. Undefined while it is incomplete. */
const parse = (text: string, start: number): Parsed | undefined => {
  const lineEnd = text.indexOf('\r\n', start)
  if (lineEnd < 0) return undefined
  const line = text.slice(start + 1, lineEnd)
  const end = lineEnd + 2
  const length = Number(line)
  if (text[start] === '-') return { reply: new Error(line), end }
  if (text[start] === '$') {
    if (length < 0) return { reply: null, end }
    return text.length < end + length + 2 ? undefined : { reply: text.slice(end, end + length), end: end + length + 2 }
  }
  if (text[start] !== '*') return { reply: line, end }
  const items: Reply[] = []
  let next = end
  for (let index = 0; index < length; index += 1) {
    const item = parse(text, next)
    if (!item) return undefined
    if (item.reply instanceof Error) return item
    items.push(item.reply)
    next = item.end
  }
  return { reply: items, end: next }
}

const limitMs = 2_000

/** Sends one command on a new connection and resolves with the reply. Rejects if it is an error, or after two seconds. */
export const command = (port: number, ...words: readonly (string | number)[]): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const parts = words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`)
    const socket = connect(port, '127.0.0.1', () => socket.write(`*${words.length}\r\n${parts.join('')}`))
    let text = ''
    // One character for each byte, as lengths count bytes.
    socket.setEncoding('latin1')
    socket.once('error', reject)
    socket.setTimeout(limitMs, () => socket.destroy())
    socket.once('close', () => reject(new Error(`no reply to ${words.join(' ')}`)))
    socket.on('data', (chunk) => {
      text += chunk
      const parsed = parse(text, 0)
      if (!parsed) return
      if (parsed.reply instanceof Error) reject(parsed.reply)
      else resolve(parsed.reply)
      socket.destroy()
    })
  })
