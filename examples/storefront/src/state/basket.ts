import { computed, signal } from '@preact/signals'
import type { OwnedCoupon, Product } from './api.js'

export interface BasketLine {
  readonly product: Product
  readonly quantity: number
}

export const basket = signal<readonly BasketLine[]>([])

export const unitsInBasket = computed(() => basket.value.reduce((sum, { quantity }) => sum + quantity, 0))

export const basketTotal = computed(() =>
  basket.value.reduce((sum, { product, quantity }) => sum + product.price * quantity, 0),
)

export const maxQuantity = 10_000

/** The most units of a product that a user may order who has bought some already. At least 1. */
export const mostUnits = ({ stock, purchaseLimit }: Pick<Product, 'stock' | 'purchaseLimit'>, bought = 0): number =>
  Math.max(1, Math.min(stock, maxQuantity, purchaseLimit === undefined ? stock : purchaseLimit - bought))

/** 0 removes the line. */
export const setQuantity = (productId: string, quantity: number): void => {
  basket.value = basket.value.flatMap((line) => {
    if (line.product.productId !== productId) return [line]
    return quantity > 0 ? [{ ...line, quantity: Math.min(quantity, mostUnits(line.product)) }] : []
  })
}

export const addToBasket = (product: Product, quantity: number): void => {
  const line = basket.value.find((each) => each.product.productId === product.productId)
  if (line) setQuantity(product.productId, line.quantity + quantity)
  else basket.value = [...basket.value, { product, quantity: Math.min(quantity, mostUnits(product)) }]
}

export const emptyBasket = (): void => {
  basket.value = []
}

export const isUsable = ({ status, validFrom }: OwnedCoupon): boolean =>
  status === 'issued' && Date.parse(validFrom) <= Date.now()
