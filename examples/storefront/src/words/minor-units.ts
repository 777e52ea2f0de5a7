import type { Language } from './language.js'

/** Digits after the decimal point of an amount: amounts are integers of the smallest unit. Won without a currency. */
export const digitsOf = (currency = 'KRW'): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0

/** An amount in the form in which it is typed: 1250 cents are `12.50`. */
export const typedAmount = (amount: number, digits: number): string => {
  const text = String(amount).padStart(digits + 1, '0')
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/** The amount that was typed, with or without thousands separators. Undefined if it is none. */
export const amountTyped = (text: string, digits: number): number | undefined => {
  const [, whole, fraction = ''] = /^([\d,]+)(?:\.(\d*))?$/.exec(text) ?? []
  if (whole === undefined || fraction.length > digits) return undefined
  const amount = Number(whole.replaceAll(',', '') + fraction.padEnd(digits, '0'))
  return Number.isSafeInteger(amount) ? amount : undefined
}

/** How texts name money. */
export interface MoneyWords {
  /** In labels. */
  readonly name: string
  /** What to type. */
  readonly amount: string
  /** The smallest amount. */
  readonly least: string
  /** The highest price. */
  readonly most: string
}

const highestPrice = 9_000_000_000

/** The words for the money of a shop with this currency. */
export const moneyWords = (language: Language, currency?: string): MoneyWords => {
  const digits = digitsOf(currency)
  const typed = (amount: number) =>
    new Intl.NumberFormat('en', { minimumFractionDigits: digits }).format(amount / 10 ** digits)
  if (currency === undefined) {
    return language === 'ko'
      ? { name: '원', amount: '정수를', least: '1원', most: `${typed(highestPrice)}원` }
      : { name: 'won', amount: 'a whole number of won', least: '1', most: typed(highestPrice) }
  }
  return {
    name: currency,
    amount: language === 'ko' ? '금액을' : `an amount in ${currency}`,
    least: typed(1),
    most: typed(highestPrice),
  }
}
