import { useEffect } from 'preact/hooks'
import { type Loaded, useLoad } from '../../parts/use-load.js'
import type { Drops } from '../../state/api.js'
import { learnServerTime } from '../../state/server-clock.js'
import { shop } from '../../state/session.js'

const refreshMs = 10_000

/** The drops that are open or to open, read again while the page is visible. Each read also sets the server's clock. */
export const useDrops = (): Loaded<Drops> => {
  const loaded = useLoad(async () => {
    const drops = await shop.get('/api/drops')
    learnServerTime(drops.now)
    return drops
  }, [])
  const { reload } = loaded
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void reload()
    }, refreshMs)
    return () => clearInterval(timer)
  }, [reload])
  return loaded
}
