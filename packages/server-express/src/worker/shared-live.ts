import type { LiveProducts } from '../http/live/live-products.js'
import { refuse } from '../http/problem.js'

/** Places for live streams that several processes share. */
export interface SharedPlaces {
  /** Resolves with false if no place is free. */
  takePlace(): Promise<boolean>
  givePlace(): void
}

/** Seconds after which a watcher that found no place may come back. */
const retryAfter = '5'

/** The live streams of this process, with a place for each among those of all processes. */
export const liveWithPlaces = (
  live: Pick<LiveProducts, 'watch'>,
  places: SharedPlaces,
): Pick<LiveProducts, 'watch'> => ({
  async watch(productId) {
    const hasPlace = await places.takePlace()
    const give = () => {
      if (hasPlace) places.givePlace()
    }
    const stream = await live.watch(productId).catch((error: unknown) => {
      give()
      throw error
    })
    if (!hasPlace) {
      stream.leave()
      throw refuse('UNAVAILABLE', { 'retry-after': retryAfter })
    }
    return {
      open(sink) {
        stream.open(sink)
        if (sink.destroyed) give()
        else sink.once('close', give)
      },
      leave() {
        stream.leave()
        give()
      },
    }
  },
})
