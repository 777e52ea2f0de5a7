import type { Instant } from '@shop/core'
import type { ServerOptions } from '../options.js'

export const nowOf = (options: ServerOptions): (() => Instant) => {
  const clock = 'store' in options ? undefined : options.clock
  return () => clock?.now() ?? Date.now()
}
