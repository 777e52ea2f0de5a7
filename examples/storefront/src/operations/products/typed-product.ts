import { amountOf } from '../../parts/field.js'
import type { AdminProduct } from '../../state/api.js'
import { moneyOf, typedMoney, words } from '../../words/words.js'
import type { Problems } from '../form/use-problems.js'
import { isoOf, localText } from '../local-time.js'

/** The terms of a product as they are typed. An empty text: none. */
export interface TypedTerms {
  readonly name: string
  /** The regular price, with or without thousands separators. */
  readonly price: string
  /** Local times, `YYYY-MM-DDThh:mm`. */
  readonly opensAt: string
  readonly closesAt: string
  readonly purchaseLimit: string
  readonly salePrice: string
  readonly saleFrom: string
  readonly saleUntil: string
}

/** A product as it is typed. */
export interface TypedProduct extends TypedTerms {
  readonly listed: boolean
}

/** A product that does not exist yet. */
export interface TypedNewProduct extends TypedTerms {
  readonly productId: string
  readonly stock: string
}

type Saved = Partial<AdminProduct>

export const noTerms: TypedTerms = {
  name: '',
  price: '',
  opensAt: '',
  closesAt: '',
  purchaseLimit: '',
  salePrice: '',
  saleFrom: '',
  saleUntil: '',
}

const regularPriceOf = ({ price, regularPrice }: AdminProduct): number => regularPrice ?? price

export const typedOf = (product: AdminProduct): TypedProduct => {
  const { name, listed, opensAt, closesAt, purchaseLimit, sale } = product
  return {
    name,
    listed,
    price: typedMoney(regularPriceOf(product)),
    opensAt: localText(opensAt),
    closesAt: localText(closesAt),
    purchaseLimit: String(purchaseLimit ?? ''),
    salePrice: sale ? typedMoney(sale.price) : '',
    saleFrom: localText(sale?.from),
    saleUntil: localText(sale?.until),
  }
}

const saleFields = ['salePrice', 'saleFrom', 'saleUntil'] as const

export const hasSale = (typed: TypedTerms): boolean => saleFields.some((name) => typed[name] !== '')

const isWithin = (amount: number | undefined, minimum: number, maximum: number): boolean =>
  amount !== undefined && amount >= minimum && amount <= maximum

/** Whether a text is a whole number in a range. */
export const isWhole = (text: string, minimum: number, maximum = 10 ** 12): boolean =>
  isWithin(amountOf(text.trim()), minimum, maximum)

/** Whether a text is an amount of money in a range of the smallest unit. */
export const isMoney = (text: string, minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): boolean =>
  isWithin(moneyOf(text.trim()), minimum, maximum)

const maxPrice = 9_000_000_000
const idPattern = /^(?!\.{1,2}$|top$)[A-Za-z0-9_.:-]{1,64}$/

type Name = keyof (TypedProduct & TypedNewProduct)

/** What the page itself finds wrong. */
export const problemsOf = (typed: TypedTerms & Partial<TypedNewProduct>): Problems<Name> => {
  const { rules } = words.value.catalog.products
  const { name, price, opensAt, closesAt, purchaseLimit, salePrice, saleFrom, saleUntil, productId, stock } = typed
  const isOnSale = hasSale(typed)
  const wrong: Readonly<Partial<Record<Name, boolean>>> = {
    name: name.trim() === '' || [...name.trim()].length > 100,
    price: !isMoney(price, 0, maxPrice),
    closesAt: opensAt !== '' && closesAt !== '' && closesAt <= opensAt,
    purchaseLimit: purchaseLimit !== '' && !isWhole(purchaseLimit, 1),
    salePrice: isOnSale && (!isMoney(salePrice, 0, maxPrice) || (moneyOf(salePrice) ?? 0) >= (moneyOf(price) ?? 0)),
    saleFrom: isOnSale && saleFrom === '',
    saleUntil: isOnSale && (saleUntil === '' || (saleFrom !== '' && saleUntil <= saleFrom)),
    productId: productId !== undefined && productId !== '' && !idPattern.test(productId),
    stock: stock !== undefined && !isWhole(stock, 0),
  }
  const names = (Object.keys(wrong) as (keyof typeof rules)[]).filter((each) => wrong[each])
  return Object.fromEntries(names.map((each) => [each, rules[each]]))
}

const fields: Readonly<Record<string, Name>> = {
  name: 'name',
  price: 'price',
  opensAt: 'opensAt',
  closesAt: 'closesAt',
  purchaseLimit: 'purchaseLimit',
  sale: 'salePrice',
  'sale.price': 'salePrice',
  'sale.from': 'saleFrom',
  'sale.until': 'saleUntil',
  productId: 'productId',
  stock: 'stock',
}

/** The field that an error of the server is about. */
export const fieldOf = (path: string): Name | undefined => fields[path]

/** The rule of a field, in the user's words. */
export const ruleOf = (name: Name): string => {
  const { rules } = words.value.catalog.products
  return name === 'listed' ? '' : rules[name]
}

/** The name of a field outside its group. */
export const labelOf = (name: Name): string => {
  const { fields: labels, named } = words.value.catalog.products
  return name in named ? named[name as keyof typeof named] : labels[name]
}

const saleOf = (typed: TypedTerms, { sale }: Saved) =>
  hasSale(typed)
    ? {
        price: moneyOf(typed.salePrice) ?? 0,
        from: isoOf(typed.saleFrom, sale?.from) ?? '',
        until: isoOf(typed.saleUntil, sale?.until) ?? '',
      }
    : null

/** What a request says of the named fields. */
export const termsOf = (typed: TypedTerms, names: readonly Name[], saved: Saved = {}) => ({
  ...(names.includes('name') && { name: typed.name.trim() }),
  ...(names.includes('price') && { price: moneyOf(typed.price) ?? 0 }),
  ...(names.includes('opensAt') && { opensAt: isoOf(typed.opensAt, saved.opensAt) }),
  ...(names.includes('closesAt') && { closesAt: isoOf(typed.closesAt, saved.closesAt) }),
  ...(names.includes('purchaseLimit') && { purchaseLimit: amountOf(typed.purchaseLimit) ?? null }),
  ...(saleFields.some((name) => names.includes(name)) && { sale: saleOf(typed, saved) }),
})
