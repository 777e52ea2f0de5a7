import type { RecordLostHistory } from '../commands/history/record-lost-history.js'
import type { AcknowledgedGroup } from '../engine/acknowledged-groups.js'
import { maxLostOrderIds } from '../model/history-loss.js'

interface LossContext {
  readonly from: string | null
  readonly to: string
  /** Whether groups before these were forgotten, and may be lost, too. */
  readonly isPartial: boolean
}

/** Groups, the oldest first, in parts that name at most 1,000 orders each. */
const partsOf = (groups: readonly AcknowledgedGroup[]): readonly (readonly AcknowledgedGroup[])[] => {
  const parts: AcknowledgedGroup[][] = []
  let orders = Number.POSITIVE_INFINITY
  for (const group of groups) {
    orders += group.orderIds.length
    if (orders > maxLostOrderIds) {
      parts.push([])
      orders = group.orderIds.length
    }
    parts.at(-1)?.push(group)
  }
  return parts
}

/** The losses of which missing groups, the oldest first, are recorded. */
export const lossReports = (
  missing: readonly AcknowledgedGroup[],
  { from, to, isPartial }: LossContext,
): readonly RecordLostHistory[] =>
  partsOf(missing).flatMap((groups, part) => {
    const [first] = groups
    if (!first) return []
    const times = groups.map(({ at }) => at)
    const orderIds = [...new Set(groups.flatMap((group) => group.orderIds))].sort()
    return [
      {
        lossId: first.groupId,
        groups: groups.length,
        commands: groups.reduce((sum, { commands }) => sum + commands, 0),
        firstAt: times.reduce((least, at) => Math.min(least, at)),
        lastAt: times.reduce((most, at) => Math.max(most, at)),
        fromHistory: from,
        toHistory: to,
        orderIds: orderIds.slice(0, maxLostOrderIds),
        isPartial:
          (isPartial && part === 0) ||
          orderIds.length > maxLostOrderIds ||
          groups.some(({ hasMoreOrders }) => hasMoreOrders),
      },
    ]
  })
