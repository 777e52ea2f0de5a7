import { encodeFrame } from '../../../src/workers/frames.js'

export const frameOf = (messages: readonly object[], contents: readonly string[] = []): Buffer =>
  encodeFrame(
    messages.map((message) => JSON.stringify(message)),
    contents,
  )
