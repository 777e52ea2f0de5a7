import { Command } from 'ioredis'

/** How many slots a Redis Cluster has. */
export const allSlots = 16_384

/** The cluster slot of a key, as Redis computes it: from 0 to 16,383. */
export const slotOf = (key: string): number => new Command('get', [key]).getSlot()
