import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs'
import type { OrderEvent } from './event.js'
import { Ledger } from './ledger.js'

export interface Inbox {
  readonly ledger: Ledger
  /** Stores the event durably. Acknowledge it only after this returns. Returns whether the event is new. */
  take(event: OrderEvent): boolean
  close(): void
}

/** The complete lines. A line cut off by a crash was never acknowledged, so its event is sent again. */
const wholeLines = (file: string): readonly string[] => {
  if (!existsSync(file)) return []
  const bytes = readFileSync(file)
  const end = bytes.lastIndexOf('\n') + 1
  truncateSync(file, end)
  return bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1)
}

/** Events in a file, one per line. Reopening it restores every acknowledged event. One process at a time. */
export const openInbox = (file: string): Inbox => {
  const ledger = new Ledger()
  for (const line of wholeLines(file)) ledger.add(JSON.parse(line) as OrderEvent)
  const descriptor = openSync(file, 'a')
  return {
    ledger,
    take(event) {
      if (ledger.has(event)) return false
      writeSync(descriptor, `${JSON.stringify(event)}\n`)
      fsyncSync(descriptor)
      ledger.add(event)
      return true
    },
    close: () => closeSync(descriptor),
  }
}
