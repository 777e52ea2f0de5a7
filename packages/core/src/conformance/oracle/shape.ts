/** Whether the API accepts the input, in any state of the shop. Written from the API documentation, value by value. */
type Input = Record<string, unknown>

const isWhole = (value: unknown, from: number, to: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to

const isName = (value: unknown): boolean => typeof value === 'string' && value.length > 0 && [...value].length <= 100

const isOptional = (value: unknown, is: (value: unknown) => boolean): boolean => value === undefined || is(value)

const isLine = (line: unknown): boolean => isWhole((line as Input)['quantity'], 1, 10_000)

const isDiscount = (value: unknown): boolean => {
  const discount = value as Input
  if (discount['kind'] === 'fixed') return isWhole(discount['amount'], 1, 2 ** 53 - 1)
  return (
    isWhole(discount['percent'], 1, 100) && isOptional(discount['maximum'], (most) => isWhole(most, 1, 2 ** 53 - 1))
  )
}

const isPrice = (value: unknown): boolean => isWhole(value, 0, 9_000_000_000)
const isUnits = (value: unknown): boolean => isWhole(value, 0, 10 ** 12)

const most = 2 ** 53 - 1

const isReason = (value: unknown): boolean => typeof value === 'string' && value.length > 0 && [...value].length <= 200

/** The fields that requests about money share. */
const areNotes = ({ reference, reason, metadata }: Input): boolean =>
  isOptional(reference, (text) => typeof text === 'string' && /^[\x21-\x7e]{1,200}$/.test(text)) &&
  isOptional(reason, isReason) &&
  isOptional(metadata, (data) => JSON.stringify(data).length <= 4_096)

const isMoneyRequest = (name: string, input: Input): boolean => {
  if (!areNotes(input)) return false
  if (name === 'balance.charge') return isWhole(input['amount'], -most, most)
  if (name === 'balance.adjust') return input['change'] !== 0 && isWhole(input['change'], -most, most)
  return isWhole(input['amount'], 1, most)
}

const isRefund = (input: Input): boolean => {
  const lines = input['lines'] as readonly Input[] | undefined
  if (!areNotes(input)) return false
  return (
    lines === undefined ||
    (lines.length > 0 && lines.length <= 100 && lines.every(({ quantity }) => isWhole(quantity, 1, most)))
  )
}

const isTime = (value: unknown): boolean => {
  const at = new Date(value as string | number).getTime()
  return value === null || at >= 0
}

const isSale = (value: unknown): boolean => {
  const sale = value as Input | null
  return sale === null || (isPrice(sale['price']) && isTime(sale['from']) && isTime(sale['until']))
}

/** The terms of a product, each by itself. */
const areTerms = ({ opensAt, closesAt, sale, purchaseLimit, metadata }: Input): boolean =>
  isOptional(opensAt, isTime) &&
  isOptional(closesAt, isTime) &&
  isOptional(sale, isSale) &&
  isOptional(purchaseLimit, (most) => most === null || isWhole(most, 1, 10 ** 12)) &&
  areNotes({ metadata })

const isId = (value: unknown): boolean => typeof value === 'string' && /^[a-z0-9_.:-]{1,64}$/i.test(value)

const isCode = (value: unknown): boolean => typeof value === 'string' && /^[a-z0-9-]{3,40}$/i.test(value)

const areProducts = (value: unknown): boolean => {
  const ids = value as readonly string[] | null
  return (
    ids === null ||
    (ids.length >= 1 && ids.length <= 1_000 && ids.every((id) => ids.indexOf(id) === ids.lastIndexOf(id)))
  )
}

const isClaim = ({ couponId, code }: Input): boolean =>
  code === undefined ? couponId !== undefined : couponId === undefined && isCode(code)

export const isWellFormed = (name: string, input: Input): boolean => {
  if (name.startsWith('balance.')) return isMoneyRequest(name, input)
  if (name === 'orders.refund') return isRefund(input)
  if (name === 'products.create') {
    const { productId, name: title, price, stock } = input
    return productId !== 'top' && isName(title) && isPrice(price) && isUnits(stock) && areTerms(input)
  }
  if (name === 'products.update') {
    return isOptional(input['name'], isName) && isOptional(input['price'], isPrice) && areTerms(input)
  }
  if (name === 'products.changeStock') return input['change'] !== 0 && isUnits(Math.abs(input['change'] as number))
  if (name === 'coupons.create') {
    const { name: title, quantity, discount, minimumOrderAmount, productIds, code, metadata } = input
    return (
      isName(title) &&
      areNotes({ metadata }) &&
      isWhole(quantity, 1, 10 ** 12) &&
      isDiscount(discount) &&
      isOptional(productIds, areProducts) &&
      (code === null || isOptional(code, isCode)) &&
      (minimumOrderAmount === null || isOptional(minimumOrderAmount, (least) => isWhole(least, 0, 2 ** 53 - 1)))
    )
  }
  if (name === 'coupons.issue') return isClaim(input)
  if (name === 'coupons.update') {
    const { quantity, metadata } = input
    return isOptional(quantity, (most) => isWhole(most, 1, 10 ** 12)) && areNotes({ metadata })
  }
  if (name === 'orders.update') return areNotes(input)
  if (name === 'orders.place') {
    const lines = input['products'] as readonly unknown[]
    if (!areNotes(input) || !isOptional(input['orderId'], isId)) return false
    if (lines.length < 1 || lines.length > 100) return false
    for (const line of lines) if (!isLine(line)) return false
  }
  return true
}
