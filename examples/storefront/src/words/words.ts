import { computed } from '@preact/signals'
import type { Discount, Lot } from '../state/api.js'
import { currency, language } from '../state/settings.js'
import { enOf } from './en.js'
import { koOf } from './ko.js'
import { amountTyped, digitsOf, moneyWords, typedAmount } from './minor-units.js'
import { type Explained, explain } from './refusals.js'

const locale = computed(() => (language.value === 'ko' ? 'ko-KR' : 'en-GB'))

/** The texts of the page in the current language. */
export const words = computed(() => {
  const textsOf = language.value === 'ko' ? koOf : enOf
  return textsOf(moneyWords(language.value, currency.value))
})

const priced = computed(
  () =>
    new Intl.NumberFormat(locale.value, {
      style: 'currency',
      currency: currency.value ?? 'KRW',
      currencyDisplay: 'narrowSymbol',
    }),
)
const digits = computed(() => digitsOf(currency.value))
const plain = computed(() => new Intl.NumberFormat(locale.value, { maximumFractionDigits: 1 }))
const compact = computed(
  () =>
    new Intl.NumberFormat(language.value === 'ko' ? 'ko' : 'en-US', {
      notation: 'compact',
      maximumSignificantDigits: 2,
    }),
)
const dateTime = computed(() => new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'short' }))
const minuteOnly = computed(() => new Intl.DateTimeFormat(locale.value, { timeStyle: 'short' }))
const timeOnly = computed(() => new Intl.DateTimeFormat(locale.value, { timeStyle: 'medium' }))
const dateOnly = computed(() => new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium' }))

/** An amount of the currency's smallest unit, as people read it. A text, because a division would round large ones. */
export const money = (amount: number): string =>
  priced.value.format(`${amount}E-${digits.value}` as `${number}`).replace('-', '−')
/** An amount as it is typed into a form. */
export const typedMoney = (amount: number): string => typedAmount(amount, digits.value)
/** The amount that was typed into a form. Undefined if it is none. */
export const moneyOf = (typed: string): number | undefined => amountTyped(typed, digits.value)
/** Whether amounts are typed with a decimal point. */
export const hasFractions = computed(() => digits.value > 0)
export const number = (value: number): string => plain.value.format(value)
/** A round number in few letters: 10K, 10만. */
export const shortNumber = (value: number): string => compact.value.format(value)
/** A number with its unit from a million on, where nobody reads every digit: 1.2M. */
export const roughly = (value: number): string => (value < 1_000_000 ? number(value) : shortNumber(value))
export const moment = (iso: string): string => dateTime.value.format(new Date(iso))
export const time = (iso: string): string => timeOnly.value.format(new Date(iso))
export const date = (iso: string): string => dateOnly.value.format(new Date(iso))

/** The time of a moment, with its date unless it is today. Seconds are shown today, unless there are none. */
export const when = (iso: string): string => {
  const isToday = date(iso) === dateOnly.value.format(new Date())
  if (!isToday) return moment(iso)
  return new Date(iso).getSeconds() === 0 ? minuteOnly.value.format(new Date(iso)) : time(iso)
}

/** The minute of a moment, with its date unless it is today. */
export const minute = (iso: string): string => {
  const isToday = date(iso) === dateOnly.value.format(new Date())
  return isToday ? minuteOnly.value.format(new Date(iso)) : moment(iso)
}

/** The reader's time zone by its name, with its difference from UTC. */
export const zoneName = (): string => {
  const format = new Intl.DateTimeFormat(locale.value, { timeZoneName: 'shortOffset' })
  const offset = format.formatToParts().find(({ type }) => type === 'timeZoneName')?.value
  return `${format.resolvedOptions().timeZone} (${offset})`
}

/** An amount with its sign. */
export const signed = (amount: number): string => (amount > 0 ? `+${money(amount)}` : money(amount))

/** The last day of something that ends at midnight, or else the moment at which it ends. */
export const endOf = (iso: string): string => {
  const end = new Date(iso)
  const isMidnight = end.getHours() === 0 && end.getMinutes() === 0
  return isMidnight ? dateOnly.value.format(end.getTime() - 1) : moment(iso)
}

/** How much of a balance is bonus money, and until when the part that ends first. */
export const bonusText = (lots: readonly Lot[]): string => {
  const { wallet } = words.value
  const sumOf = (some: readonly Lot[]) => money(some.reduce((sum, { amount }) => sum + amount, 0))
  const end = lots[0]?.expiresAt ?? null
  if (end === null) return wallet.ofItBonus(sumOf(lots))
  const first = lots.filter(({ expiresAt }) => expiresAt === end)
  if (first.length === lots.length) return wallet.ofItBonusUntil(sumOf(lots), endOf(end))
  return wallet.ofItBonusFirst(sumOf(lots), sumOf(first), endOf(end))
}

/** The end of a generated id: generated ids begin alike. */
export const shortId = (id: string): string => (id.length > 16 ? `…${id.slice(-8)}` : id)

/** Selects one part of a demo name: Korean and English, separated by ` · `. */
export const nameOf = (name: string): string => {
  const [korean, english] = name.split(' · ')
  return english === undefined ? name : ((language.value === 'ko' ? korean : english) ?? name)
}

/** Formats a user id as a person's name. */
export const personOf = (userId: string): string => {
  if (userId === 'administrator') return words.value.sign.administrator
  const plainName = userId.replace(/^demo-/, '')
  return plainName.charAt(0).toUpperCase() + plainName.slice(1)
}

export const discountText = (discount: Discount): string => {
  const { off } = words.value.coupons
  return discount.kind === 'fixed' ? off(money(discount.amount)) : off(`${discount.percent}%`)
}

export const explained = (error: unknown): Explained => explain(error, language.value, money, when)
