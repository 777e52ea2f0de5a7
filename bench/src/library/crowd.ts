import { isShopUnavailable } from '@shop/core'

export interface Crowd {
  readonly answered: number
  readonly rejected: number
  /** Maximum memory growth of the process, in megabytes. */
  readonly grownMb: number
}

/** Runs many more concurrent callers than the queue admits. Any result except a response or UNAVAILABLE is an error. */
export const crowd = async (ask: (caller: number) => Promise<unknown>, callers: number): Promise<Crowd> => {
  const before = process.memoryUsage.rss()
  let [answered, rejected, most] = [0, 0, before]
  const sample = () => {
    most = Math.max(most, process.memoryUsage.rss())
  }
  await Promise.all(
    Array.from({ length: callers }, async (_, index) => {
      try {
        await ask(index)
        answered += 1
      } catch (error) {
        if (!isShopUnavailable(error)) throw error
        rejected += 1
      }
      if (index % 1_000 === 0) sample()
    }),
  )
  sample()
  return { answered, rejected, grownMb: (most - before) / 2 ** 20 }
}
