import { signal } from '@preact/signals'

/** The places of the operations area, by the first part of their address. */
export const operationsPlaces = [
  'overview',
  'products',
  'drops',
  'coupons',
  'orders',
  'balances',
  'entries',
  'statement',
] as const

export type OperationsPlace = (typeof operationsPlaces)[number]

/** What a place of the operations area shows. Names without a value are left out. */
export type Search = Readonly<Record<string, string>>

export type Route =
  | { readonly page: 'products' | 'drops' | 'basket' | 'coupons' | 'orders' | 'wallet' | 'lab' | 'unknown' }
  | { readonly page: 'product' | 'drop'; readonly productId: string }
  | {
      readonly page: 'operations'
      readonly place: OperationsPlace
      /** The product, the coupon, the order or the user that is shown. */
      readonly id?: string | undefined
      readonly search?: Search | undefined
    }

const plain = ['drops', 'basket', 'coupons', 'orders', 'wallet', 'lab'] as const

const decoded = (text: string | undefined): string | undefined => {
  if (!text) return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const parse = (hash: string): Route => {
  const [path = '', query] = hash.replace(/^#\/?/, '').split('?')
  const [first = '', second, third] = path.split('/')
  const id = decoded(second)
  if (first === 'operations') {
    const place = operationsPlaces.find((each) => each === (second || 'overview'))
    if (place === undefined) return { page: 'unknown' }
    return { page: 'operations', place, id: decoded(third), search: Object.fromEntries(new URLSearchParams(query)) }
  }
  if (third !== undefined) return { page: 'unknown' }
  if (id !== undefined) {
    const page = first === 'products' ? 'product' : first === 'drops' ? 'drop' : undefined
    return page === undefined ? { page: 'unknown' } : { page, productId: id }
  }
  if (first === '' || first === 'products') return { page: 'products' }
  return { page: plain.find((page) => page === first) ?? 'unknown' }
}

export const route = signal<Route>(parse(location.hash))

/** True after the first navigation. Only then does the focus move to the heading. */
export const hasMoved = signal(false)

addEventListener('hashchange', () => {
  hasMoved.value = true
  route.value = parse(location.hash)
  scrollTo(0, 0)
})

const queryOf = (search: Search = {}): string => {
  const query = new URLSearchParams(Object.entries(search).filter(([, value]) => value !== '')).toString()
  return query === '' ? '' : `?${query}`
}

export const hrefOf = (to: Route): string => {
  if (to.page === 'product') return `#/products/${encodeURIComponent(to.productId)}`
  if (to.page === 'drop') return `#/drops/${encodeURIComponent(to.productId)}`
  if (to.page === 'operations') {
    const place = to.place === 'overview' ? '' : `/${to.place}`
    const id = to.id === undefined ? '' : `/${encodeURIComponent(to.id)}`
    return `#/operations${place}${id}${queryOf(to.search)}`
  }
  return to.page === 'products' ? '#/' : `#/${to.page}`
}

export const go = (to: Route): void => {
  location.hash = hrefOf(to)
}

/** Shows something else in the same place: no history entry, and neither focus nor scroll position moves. */
export const show = (to: Route): void => {
  history.replaceState(null, '', hrefOf(to))
  route.value = parse(location.hash)
}
