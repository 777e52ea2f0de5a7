import { type Instant, iso, isoOrNull } from '../shared/instant.js'

/** The most order ids that one loss names. A loss of more becomes several. */
export const maxLostOrderIds = 1_000

/** Acknowledged commands that a database no longer has. It is recorded in the database that lacks them. */
export interface HistoryLoss {
  /** The loss's id: that of the first lost group, so that a report that is sent twice is recorded once. */
  readonly lossId: string
  /** When it was recorded. */
  readonly detectedAt: Instant
  /** Groups that were acknowledged and are missing, at least 1. */
  readonly groups: number
  /** Acknowledged commands of these groups that wrote something, at least 1. */
  readonly commands: number
  /** The time of the first of these groups, by the database that had them. */
  readonly firstAt: Instant
  /** The time of the last one. */
  readonly lastAt: Instant
  /** The identity of the database that had them; null if it was never read. */
  readonly fromHistory: string | null
  /** The identity of the database that lacks them. */
  readonly toHistory: string
  /** Orders that these groups placed or changed, ascending: at most 1,000. */
  readonly orderIds: readonly string[]
  /** Whether the server no longer knew everything: then more may be lost than this names. */
  readonly isPartial: boolean
  /** When an administrator acknowledged it; null before. */
  readonly acknowledgedAt: Instant | null
  /** What the administrator noted; null without a note. */
  readonly note: string | null
}

/** What the event `history.lost` tells: acknowledged commands that the database no longer has. */
export interface HistoryLostView {
  /** The loss's id. */
  readonly lossId: string
  /** When it was recorded: ISO 8601 in UTC. */
  readonly detectedAt: string
  /** Groups that were acknowledged and are missing, at least 1. */
  readonly groups: number
  /** Acknowledged commands of these groups that wrote something, at least 1. */
  readonly commands: number
  /** The time of the first of these groups: ISO 8601 in UTC. */
  readonly firstAt: string
  /** The time of the last one: ISO 8601 in UTC. */
  readonly lastAt: string
  /** The identity of the database that had them; null if it was never read. */
  readonly fromHistory: string | null
  /** The identity of the database that lacks them. */
  readonly toHistory: string
  /** Orders that these groups placed or changed, ascending: at most 1,000. */
  readonly orderIds: readonly string[]
  /** Whether the server no longer knew everything: then more may be lost than this names. */
  readonly isPartial: boolean
}

/** A loss as an administrator sees it. */
export interface HistoryLossView extends HistoryLostView {
  /** When an administrator acknowledged it: ISO 8601 in UTC; null before. */
  readonly acknowledgedAt: string | null
  /** What the administrator noted; null without a note. */
  readonly note: string | null
}

export const historyLostView = (loss: HistoryLoss): HistoryLostView => ({
  lossId: loss.lossId,
  detectedAt: iso(loss.detectedAt),
  groups: loss.groups,
  commands: loss.commands,
  firstAt: iso(loss.firstAt),
  lastAt: iso(loss.lastAt),
  fromHistory: loss.fromHistory,
  toHistory: loss.toHistory,
  orderIds: loss.orderIds,
  isPartial: loss.isPartial,
})

export const historyLossView = (loss: HistoryLoss): HistoryLossView => ({
  ...historyLostView(loss),
  acknowledgedAt: isoOrNull(loss.acknowledgedAt),
  note: loss.note,
})
