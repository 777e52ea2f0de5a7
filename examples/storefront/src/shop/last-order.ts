import { signal } from '@preact/signals'
import type { Order } from '../state/api.js'

/** The order that was placed just now: the list of orders speaks of it first. */
export const lastOrder = signal<Order | undefined>(undefined)
