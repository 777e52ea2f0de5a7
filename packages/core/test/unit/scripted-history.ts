import { type HistoryStore, StoreError, type Timer } from '../../src/store.js'

/** A history whose answers a test chooses. */
export class ScriptedHistory implements HistoryStore {
  name = 'one'
  lost: (groupId: string) => boolean = () => false
  isAway = false
  now = 0
  oldestMarkAt: number | null = 0
  /** How often the identity and the groups were asked for. */
  identities = 0
  readonly asked: (readonly string[])[] = []

  async identity() {
    this.identities += 1
    if (this.isAway) throw new StoreError('unavailable', 'away')
    return this.name
  }

  async missing(groupIds: readonly string[]) {
    this.asked.push(groupIds)
    return { history: this.name, groupIds: groupIds.filter(this.lost), now: this.now, oldestMarkAt: this.oldestMarkAt }
  }
}

/** Time that a test moves. */
export class ScriptedTimer implements Timer {
  #now = 0
  #due: { at: number; work: () => void }[] = []

  elapsedMs = () => this.#now
  pause = () => Promise.resolve()
  random = () => 0
  after = (ms: number, work: () => void) => {
    this.#due.push({ at: this.#now + ms, work })
  }

  async move(ms: number): Promise<void> {
    this.#now += ms
    const due = this.#due.filter(({ at }) => at <= this.#now)
    this.#due = this.#due.filter(({ at }) => at > this.#now)
    for (const { work } of due) work()
    await settled()
  }
}

export const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
