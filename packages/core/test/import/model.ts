import * as fc from 'fast-check'

/** A line and how it is written. */
export type ModelLine =
  | { readonly type: 'user'; readonly userId: string; readonly balance?: number; readonly reference?: string }
  | { readonly type: 'product'; readonly productId: string; readonly price: number }
  | { readonly type: 'coupon'; readonly couponId: string; readonly quantity: number; readonly code?: string }
  | { readonly type: 'issued-coupon'; readonly couponId: string; readonly userId: string }
  | { readonly type: 'junk'; readonly text: string }

type Verdict = 'imported' | 'skipped' | 'bad' | 'empty'

const ids = (prefix: string) => fc.constantFrom(...[1, 2, 3, 4].map((n) => `${prefix}${n}`))
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })

/** Few ids and few values, so that lines repeat and contradict each other. */
export const lineArbitrary: fc.Arbitrary<ModelLine> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('user' as const),
      userId: ids('u'),
      balance: maybe(fc.constantFrom(0, 5, 2_000_000)),
      reference: maybe(fc.constantFrom('r1', 'r2')),
    }) as fc.Arbitrary<ModelLine>,
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('product' as const), productId: ids('p'), price: fc.constantFrom(-1, 7) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('coupon' as const),
      couponId: ids('c'),
      quantity: fc.constantFrom(0, 1, 2),
      code: maybe(fc.constantFrom('AAA', 'aaa', 'bbb')),
    }) as fc.Arbitrary<ModelLine>,
  },
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('issued-coupon' as const), couponId: ids('c'), userId: ids('u') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('junk' as const),
      text: fc.constantFrom(
        '',
        ' ',
        '{',
        '[]',
        'null',
        '7',
        '{"type":"toString"}',
        '{"type":"user"}',
        '{"userId":"u1"}',
      ),
    }),
  },
)

const more = {
  product: { name: 'P', stock: 3 },
  coupon: {
    name: 'C',
    discount: { kind: 'fixed', amount: 1 },
    validUntil: '2020-01-01T00:00:00Z',
    validFrom: '2019-01-01T00:00:00Z',
  },
}

/** The line as a file has it. */
export const written = (line: ModelLine): string =>
  line.type === 'junk' ? line.text : JSON.stringify({ ...line, ...(line.type in more && more[line.type as 'product']) })

/** What an import does, line by line: written apart from the library. */
export class ImportModel {
  readonly users = new Map<string, { readonly amount: number; readonly reference: string | undefined } | null>()
  readonly products = new Set<string>()
  readonly coupons = new Map<
    string,
    { readonly quantity: number; readonly code: string | undefined; readonly owners: Set<string> }
  >()
  readonly #mustRegister: boolean

  constructor(mustRegister: boolean) {
    this.#mustRegister = mustRegister
  }

  apply(line: ModelLine): Verdict {
    if (line.type === 'junk') return line.text.trim() === '' ? 'empty' : 'bad'
    if (line.type === 'user') return this.#user(line)
    if (line.type === 'product') return this.#product(line)
    return line.type === 'coupon' ? this.#coupon(line) : this.#copy(line)
  }

  #user({ userId, balance, reference }: Extract<ModelLine, { type: 'user' }>): Verdict {
    if (reference !== undefined && balance === undefined) return 'bad'
    const [owner] = [...this.users].find(([, has]) => reference !== undefined && has?.reference === reference) ?? []
    if (owner !== undefined && owner !== userId) return 'bad'
    const has = this.users.get(userId)
    if (has === undefined) {
      this.users.set(userId, balance === undefined ? null : { amount: balance, reference })
      return 'imported'
    }
    if (balance === undefined || (has === null && balance === 0 && reference === undefined)) return 'skipped'
    const isSame = has?.amount === balance && (reference === undefined || has.reference === reference)
    return isSame ? 'skipped' : 'bad'
  }

  #product({ productId, price }: Extract<ModelLine, { type: 'product' }>): Verdict {
    if (price < 0) return 'bad'
    if (this.products.has(productId)) return 'skipped'
    this.products.add(productId)
    return 'imported'
  }

  #coupon({ couponId, quantity, code: given }: Extract<ModelLine, { type: 'coupon' }>): Verdict {
    if (quantity < 1) return 'bad'
    if (this.coupons.has(couponId)) return 'skipped'
    const code = given?.toLowerCase()
    if (code !== undefined && [...this.coupons.values()].some((each) => each.code === code)) return 'bad'
    this.coupons.set(couponId, { quantity, code, owners: new Set() })
    return 'imported'
  }

  #copy({ couponId, userId }: Extract<ModelLine, { type: 'issued-coupon' }>): Verdict {
    const coupon = this.coupons.get(couponId)
    if (!coupon || (this.#mustRegister && !this.users.has(userId))) return 'bad'
    if (coupon.owners.has(userId)) return 'skipped'
    if (coupon.owners.size === coupon.quantity) return 'bad'
    coupon.owners.add(userId)
    return 'imported'
  }
}

/** What the report of an import of these lines counts. */
export const expected = (model: ImportModel, lines: readonly ModelLine[]) => {
  const verdicts = lines.map((line) => model.apply(line))
  const count = (verdict: Verdict) => verdicts.filter((each) => each === verdict).length
  return {
    imported: count('imported'),
    skipped: count('skipped'),
    bad: count('bad'),
    badLines: verdicts.flatMap((verdict, index) => (verdict === 'bad' ? [index + 1] : [])),
  }
}
