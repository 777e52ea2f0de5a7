import type { Instant } from '../shared/instant.js'

/** What an answer shows beside the row that it is about. */
export interface ViewContext {
  /** The store's time. */
  readonly now: Instant
  /** The currency of all amounts, ISO 4217; absent if the shop names none. */
  readonly currency?: string | undefined
}

/** The field of an answer that names the currency of its amounts; nothing if the shop names none. */
export const currencyField = ({
  currency,
}: Pick<ViewContext, 'currency'>): { readonly currency: string } | undefined =>
  currency === undefined ? undefined : { currency }
