import { laws } from '@shop/core/store'
import { expect, test } from 'vitest'
import { enOf } from '../src/words/en.js'
import { koOf } from '../src/words/ko.js'
import { lawIds, lawSentence } from '../src/words/laws.js'
import { amountTyped, digitsOf, moneyWords, typedAmount } from '../src/words/minor-units.js'

const [en, ko] = [enOf(moneyWords('en')), koOf(moneyWords('ko'))]

/** The paths of all texts, including functions. */
const pathsOf = (value: object, path = ''): readonly string[] =>
  Object.entries(value).flatMap(([name, each]) =>
    typeof each === 'object' ? pathsOf(each, `${path}${name}.`) : [`${path}${name}`],
  )

test('every law has a sentence in both languages, in the same order', () => {
  expect(lawIds).toEqual(laws.map(({ id }) => id))
  for (const law of lawIds) {
    expect(lawSentence(law, 'en')).toMatch(/^[A-Z].*\.$/)
    expect(lawSentence(law, 'ko')).toMatch(/[가-힣].*다\.$/)
  }
  expect(lawSentence('NEW-LAW', 'ko', 'A new law.')).toBe('A new law.')
})

test('both languages have the same texts, and the Korean ones are in Korean', () => {
  expect(pathsOf(ko)).toEqual(pathsOf(en))
  const texts = Object.entries(ko).flatMap(([, group]) => (typeof group === 'object' ? Object.entries(group) : []))
  const foreign = texts.filter(([, text]) => typeof text === 'string' && !/[가-힣]/.test(text)).map(([name]) => name)
  expect(foreign).toEqual(['language'])
})

test('texts name the currency of the shop, and won without one', () => {
  expect(en.wallet.amount).toBe('Amount in won')
  expect(en.catalog.products.rules.price).toBe('Enter a whole number of won, up to 9,000,000,000.')
  expect(ko.catalog.products.rules.price).toBe('9,000,000,000원 이하의 정수를 입력해 주세요.')
  const [dollars, yen] = [enOf(moneyWords('en', 'USD')), koOf(moneyWords('ko', 'JPY'))]
  expect(dollars.wallet.amount).toBe('Amount in USD')
  expect(dollars.catalog.products.rules.price).toBe('Enter an amount in USD, up to 90,000,000.00.')
  expect(dollars.catalog.coupons.rules.amount).toBe('Enter an amount in USD from 0.01.')
  expect(yen.catalog.coupons.rules.amount).toBe('1 이상의 금액을 입력해 주세요.')
})

test.each([
  [undefined, 0, 9_900, '9900'],
  ['USD', 2, 1_250, '12.50'],
  ['USD', 2, 5, '0.05'],
  ['USD', 2, Number.MAX_SAFE_INTEGER, '90071992547409.91'],
  ['KWD', 3, 1_005, '1.005'],
])('an amount in %s has %i digits after the point: %i is typed as %s', (currency, digits, amount, typed) => {
  expect(digitsOf(currency)).toBe(digits)
  expect(typedAmount(amount, digits)).toBe(typed)
  expect(amountTyped(typed, digits)).toBe(amount)
})

test('typed amounts may have separators and fewer digits, but no more, and nothing else', () => {
  expect(['1,234.5', '12', '12.', '0'].map((text) => amountTyped(text, 2))).toEqual([123_450, 1_200, 1_200, 0])
  for (const text of ['', '.', '.5', '1.234', '1e3', '-1', '1 2', '90071992547409.92'])
    expect(amountTyped(text, 2)).toBeUndefined()
  for (const text of ['12.5', '12,000.']) expect(amountTyped(text, 0)).toBe(text.endsWith('.') ? 12_000 : undefined)
})
