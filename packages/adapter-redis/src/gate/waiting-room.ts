export interface GateState {
  /** There is nothing to wait for any more. */
  readonly isDecided: boolean
  /** Places to be had. */
  readonly free: number
}

export interface WaitingRoomDeps {
  look(name: string): Promise<GateState>
  elapsedMs(): number
  pause(ms: number): Promise<void>
  readonly pollMs: number
}

interface Guest {
  readonly until: number
  readonly resolve: (mayTry: boolean) => void
}

/** Where callers wait while every place is taken but undecided, or the terms are being read: one look at Redis serves all that wait for a coupon. */
export class WaitingRoom {
  readonly #deps: WaitingRoomDeps
  readonly #rooms = new Map<string, Guest[]>()

  constructor(deps: WaitingRoomDeps) {
    this.#deps = deps
  }

  /** True when it is worth trying again, in the order in which callers came; false at `until`, or when Redis is away. */
  wait(name: string, until: number): Promise<boolean> {
    return new Promise((resolve) => {
      const room = this.#rooms.get(name)
      if (room) room.push({ until, resolve })
      else {
        const opened = [{ until, resolve }]
        this.#rooms.set(name, opened)
        void this.#watch(name, opened)
      }
    })
  }

  async #watch(name: string, room: Guest[]): Promise<void> {
    const { look, elapsedMs, pause, pollMs } = this.#deps
    while (room.length > 0) {
      await pause(pollMs)
      const now = elapsedMs()
      const late = room.filter(({ until }) => until <= now)
      room.splice(0, room.length, ...room.filter(({ until }) => until > now))
      for (const { resolve } of late) resolve(false)
      if (room.length === 0) break
      try {
        const { isDecided, free } = await look(name)
        for (const { resolve } of room.splice(0, isDecided ? room.length : Math.max(0, free))) resolve(true)
      } catch {
        for (const { resolve } of room.splice(0)) resolve(false)
      }
    }
    this.#rooms.delete(name)
  }
}
