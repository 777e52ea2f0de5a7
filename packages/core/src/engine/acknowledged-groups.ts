import type { Instant } from '../shared/instant.js'
import type { Timer } from '../shared/timer.js'

/** A group that committed and whose callers were answered. */
export interface AcknowledgedGroup {
  /** Its mark in the store. */
  readonly groupId: string
  /** The store's time when it was decided. */
  readonly at: Instant
  /** Answered commands of it that wrote something, at least 1. */
  readonly commands: number
  /** Orders that it placed or changed. */
  readonly orderIds: readonly string[]
  /** Whether order ids are missing, because there were too many to remember. */
  readonly hasMoreOrders: boolean
}

interface Remembered extends AcknowledgedGroup {
  readonly rememberedAt: number
}

/** How much is remembered. Beyond a bound, the oldest groups are forgotten; beyond the last, order ids of new groups. */
export interface AcknowledgedBounds {
  /** Age in milliseconds. Counted only while groups commit: an outage makes nobody forget. */
  readonly maxAgeMs: number
  readonly maxGroups: number
  readonly maxOrderIds: number
}

/** About 15 MB at most, and nothing in a shop at rest. */
export const acknowledgedBounds: AcknowledgedBounds = { maxAgeMs: 600_000, maxGroups: 50_000, maxOrderIds: 50_000 }

const noOrders: readonly string[] = []

/**
 * The groups that a shop acknowledged lately. It costs a record for each group, and nothing before `start`. Not
 * remembered: groups that wrote nothing or answered nobody, and commands in a transaction of the host's, which have no mark.
 */
export class AcknowledgedGroups {
  readonly #timer: Pick<Timer, 'elapsedMs'>
  readonly #bounds: AcknowledgedBounds
  /** By age. Those before `#first` are forgotten. */
  #groups: Remembered[] = []
  #first = 0
  #orderIds = 0
  #hasForgotten = false
  #isOn = false
  #onSuspicion: () => void = () => {}

  constructor(timer: Pick<Timer, 'elapsedMs'>, bounds: AcknowledgedBounds = acknowledgedBounds) {
    this.#timer = timer
    this.#bounds = bounds
  }

  get isOn(): boolean {
    return this.#isOn
  }

  /** Remembers from now on. `onSuspicion` is called when a connection to the store was lost. */
  start(onSuspicion: () => void): void {
    this.#isOn = true
    this.#onSuspicion = onSuspicion
  }

  /** Forgets everything, and remembers nothing more. */
  stop(): void {
    this.#isOn = false
    this.#onSuspicion = () => {}
    this.#groups = []
    this.#first = 0
    this.#orderIds = 0
  }

  /** Tells that a connection was lost: the store may come back without its latest commits. */
  suspect(): void {
    this.#onSuspicion()
  }

  add(group: Omit<AcknowledgedGroup, 'hasMoreOrders'>): void {
    if (!this.#isOn) return
    const { maxAgeMs, maxGroups, maxOrderIds } = this.#bounds
    const now = this.#timer.elapsedMs()
    while (this.#first < this.#groups.length) {
      const oldest = this.#groups[this.#first]
      const isYoung = oldest !== undefined && now - oldest.rememberedAt < maxAgeMs
      if (isYoung && this.#groups.length - this.#first < maxGroups) break
      if (isYoung) this.#hasForgotten = true
      this.#orderIds -= oldest?.orderIds.length ?? 0
      this.#first += 1
    }
    if (this.#first > 1_024 && this.#first * 2 > this.#groups.length) {
      this.#groups = this.#groups.slice(this.#first)
      this.#first = 0
    }
    const hasMoreOrders = this.#orderIds + group.orderIds.length > maxOrderIds
    const orderIds = hasMoreOrders || group.orderIds.length === 0 ? noOrders : group.orderIds
    this.#orderIds += orderIds.length
    const { groupId, at, commands } = group
    this.#groups.push({ groupId, at, commands, orderIds, hasMoreOrders, rememberedAt: now })
  }

  /** Everything that is remembered, the oldest first. */
  all(): readonly AcknowledgedGroup[] {
    return this.#groups.slice(this.#first)
  }

  /** Whether groups younger than `maxAgeMs` have been forgotten because there were too many. */
  get hasForgotten(): boolean {
    return this.#hasForgotten
  }

  /** Forgets these groups. */
  forget(groupIds: ReadonlySet<string>): void {
    this.#groups = this.all().filter(({ groupId }) => !groupIds.has(groupId)) as Remembered[]
    this.#first = 0
    this.#orderIds = this.#groups.reduce((sum, { orderIds }) => sum + orderIds.length, 0)
  }
}
