import { signal } from '@preact/signals'

export type Route =
  | { readonly page: 'products' | 'basket' | 'coupons' | 'orders' | 'wallet' | 'lab' | 'operations' }
  | { readonly page: 'product'; readonly productId: string }

const plain = ['basket', 'coupons', 'orders', 'wallet', 'lab', 'operations'] as const

const parse = (hash: string): Route => {
  const [first = '', second] = hash.replace(/^#\/?/, '').split('/')
  if (first === 'products' && second) return { page: 'product', productId: decodeURIComponent(second) }
  return { page: plain.find((page) => page === first) ?? 'products' }
}

export const route = signal<Route>(parse(location.hash))

/** True after the first navigation. Only then does the focus move to the heading. */
export const hasMoved = signal(false)

addEventListener('hashchange', () => {
  hasMoved.value = true
  route.value = parse(location.hash)
  scrollTo(0, 0)
})

export const hrefOf = (to: Route): string => {
  if (to.page === 'product') return `#/products/${encodeURIComponent(to.productId)}`
  return to.page === 'products' ? '#/' : `#/${to.page}`
}

export const go = (to: Route): void => {
  location.hash = hrefOf(to)
}
