import { useEffect } from 'preact/hooks'
import { type Loaded, useLoad } from '../../parts/use-load.js'
import { learnServerTime } from '../../state/server-clock.js'
import { shop } from '../../state/session.js'
import { inDays } from '../days.js'
import { localText } from '../local-time.js'

const stockEveryMs = 1_000
/** Sums come from the orders of whole days, so they are read less often. */
const soldEveryMs = 5_000

/** Reads again and again while the page is visible, always after the end of the read before. */
const useRepeated = (reload: () => Promise<void>, everyMs: number): void => {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let isHere = true
    const wait = (): void => {
      timer = setTimeout(async () => {
        if (document.visibilityState === 'visible') await reload()
        if (isHere) wait()
      }, everyMs)
    }
    wait()
    return () => {
      isHere = false
      clearTimeout(timer)
    }
  }, [reload, everyMs])
}

const readDrops = async () => {
  const drops = await shop.get('/api/drops')
  learnServerTime(drops.now)
  return drops
}

/** The drops that run or come, every second. One request tells of all of them; a browser has few streams at a time. */
export const useDropBoard = (): Loaded<Awaited<ReturnType<typeof readDrops>>> => {
  const loaded = useLoad(readDrops, [])
  useRepeated(loaded.reload, stockEveryMs)
  return loaded
}

export interface Sold {
  /** Units sold since the day on which the drop opened, less refunded ones. Undefined until it is known. */
  readonly units: number | undefined
  /** That day, `YYYY-MM-DD`. */
  readonly from: string
}

/** What a running drop has sold. */
export const useSold = (productId: string, opensAt: string | undefined): Sold => {
  const from = opensAt === undefined ? inDays(0) : localText(opensAt).slice(0, 10)
  const { data, reload } = useLoad(
    () => shop.get('/api/admin/statement', { params: { query: { from, to: inDays(1) } } }),
    [from],
  )
  useRepeated(reload, soldEveryMs)
  const line = data?.products.find((each) => each.productId === productId)
  return { units: data && (line ? line.sold - line.refunded : 0), from }
}
