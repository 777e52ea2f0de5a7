import { type Metadata, storedMetadata } from '../../model/metadata.js'
import type { WalletEntry } from '../../model/wallet.js'
import { canonicalJson } from '../../shared/canonical-json.js'

/** What a request asks to be recorded. */
export interface RequestedEntry {
  readonly userId: string
  /** The amount of the entry, signed. */
  readonly amount: number
  readonly reason?: string | undefined
  readonly metadata?: Metadata | undefined
}

/** Whether an entry is what this request asks for. */
export const isSameRequest = (entry: WalletEntry, { userId, amount, reason, metadata }: RequestedEntry): boolean =>
  entry.userId === userId &&
  entry.amount === amount &&
  entry.reason === (reason ?? null) &&
  canonicalJson(entry.metadata) === canonicalJson(storedMetadata(metadata))
