import { signal } from '@preact/signals'
import type { Order } from '../state/api.js'

/** The order that was just placed. The order list confirms it at the top. */
export const lastOrder = signal<Order | undefined>(undefined)
