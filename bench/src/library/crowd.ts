import { isShopUnavailable } from '@shop/core'

export interface Crowd {
  readonly answered: number
  readonly turnedAway: number
  /** Megabytes that the process had grown by at its fullest. */
  readonly grownMb: number
}

/** So many callers at once, far more than may wait. Whatever is neither an answer nor UNAVAILABLE is an error. */
export const crowd = async (ask: () => Promise<unknown>, callers: number): Promise<Crowd> => {
  const before = process.memoryUsage.rss()
  let [answered, turnedAway, most] = [0, 0, before]
  const look = () => {
    most = Math.max(most, process.memoryUsage.rss())
  }
  await Promise.all(
    Array.from({ length: callers }, async (_, index) => {
      try {
        await ask()
        answered += 1
      } catch (error) {
        if (!isShopUnavailable(error)) throw error
        turnedAway += 1
      }
      if (index % 1_000 === 0) look()
    }),
  )
  look()
  return { answered, turnedAway, grownMb: (most - before) / 2 ** 20 }
}
