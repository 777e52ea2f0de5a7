import type { ChangeStock } from '../commands/catalog/change-stock.js'
import type { CreateProduct } from '../commands/catalog/create-product.js'
import type { UpdateProduct } from '../commands/catalog/update-product.js'
import type { CreateCoupon } from '../commands/coupon/create-coupon.js'
import type { IssueCoupon } from '../commands/coupon/issue-coupon.js'
import type { UpdateCoupon } from '../commands/coupon/update-coupon.js'
import type { PlaceOrder } from '../commands/order/place-order.js'
import type { UpdateOrder } from '../commands/order/update-order.js'
import type { RefundOrder } from '../commands/payment/refund-order.js'
import type { AdjustBalance } from '../commands/wallet/adjust-balance.js'
import type { ChargeBalance } from '../commands/wallet/charge-balance.js'
import type { GrantBonus } from '../commands/wallet/grant-bonus.js'
import type { RegisterUser } from '../commands/wallet/register-user.js'
import type { WithdrawBalance } from '../commands/wallet/withdraw-balance.js'
import type { EventStatus } from '../model/event.js'
import type { OrderStatus } from '../model/order.js'
import type { EntryKind } from '../model/wallet.js'
import type { Policies } from '../policies/policies.js'
import type { StatementQuery } from '../shop/statement.js'

/** The start of every history: ten minutes before midnight in Seoul. */
export const startOfHistory = Date.UTC(2026, 0, 31, 14, 50)

/** An order, by its place among the orders placed so far, newest first, modulo their number. An unknown order if none is placed. */
interface OnOrder {
  /** The place, 0 for the newest. */
  readonly order: number
}

/** Units of one line of an order, by its place in the order, modulo the number of lines; of an unknown product below 0. */
interface OfLine {
  /** The place, 0 for the first. */
  readonly line: number
  /** Units. */
  readonly quantity: number
}

/** An idempotency key. */
export interface StepKey {
  /** Who sends it. */
  readonly scope: string
  /** The key. */
  readonly key: string
}

/** The input of each command as a step gives it. */
interface CommandInputs {
  /** Opens a wallet. */
  'users.register': RegisterUser
  /** Charges a balance. */
  'balance.charge': ChargeBalance
  /** Grants bonus money. */
  'balance.grant': GrantBonus
  /** Pays paid money out. */
  'balance.withdraw': WithdrawBalance
  /** Corrects a balance. */
  'balance.adjust': AdjustBalance
  /** Creates a product. */
  'products.create': CreateProduct
  /** Changes a product. */
  'products.update': UpdateProduct
  /** Changes the stock of a product. */
  'products.changeStock': ChangeStock
  /** Creates a coupon. */
  'coupons.create': CreateCoupon
  /** Changes a coupon. */
  'coupons.update': UpdateCoupon
  /** Issues a coupon. */
  'coupons.issue': IssueCoupon
  /** Places an order. */
  'orders.place': PlaceOrder
  /** Replaces the metadata of an order. */
  'orders.update': OnOrder & Omit<UpdateOrder, 'orderId'>
  /** Cancels an order. */
  'orders.cancel': OnOrder & { readonly userId?: string | undefined }
  /** Ends an overdue order. */
  'orders.expire': OnOrder
  /** Refunds one of the paid orders, if there are any: everything that is left of it if `lines` is omitted. */
  'orders.refund': OnOrder & Omit<RefundOrder, 'orderId' | 'lines'> & { readonly lines?: readonly OfLine[] | undefined }
  /** Uses the order's own user if `userId` is omitted. */
  'payments.pay': OnOrder & { readonly userId?: string | undefined }
  /** The event of that order with this sequence. */
  'outbox.redeliver': OnOrder & { readonly sequence: number }
}

/** The name of a command: noun and method. */
export type CommandName = keyof CommandInputs

/** A list, read page by page. */
interface Paged {
  /** The page size; every page is read. */
  readonly limit: number
}

/** The input of each read as a step gives it. */
interface ReadInputs {
  /** Reads a balance. */
  'balance.get': { readonly userId: string }
  /** Reads a history. */
  'balance.history': Paged & { readonly userId: string }
  /** Lists the entries of all users. */
  'balance.entries': Paged & { readonly kind?: EntryKind | undefined; readonly reference?: string | undefined }
  /** Reads a product. */
  'products.get': { readonly productId: string }
  /** Reads a product as an administrator. */
  'products.find': { readonly productId: string }
  /** Lists listed products. */
  'products.list': { readonly page: number; readonly size: number; readonly keyword?: string | undefined }
  /** Lists all products as an administrator. */
  'products.listAll': { readonly page: number; readonly size: number; readonly keyword?: string | undefined }
  /** Reads the products with hours. */
  'products.drops': Readonly<Record<string, never>>
  /** Reads products as of one moment. */
  'products.states': { readonly productIds: readonly string[] }
  /** Reads the popular products. */
  'products.top': { readonly limit?: number | undefined }
  /** Reads a coupon. */
  'coupons.get': { readonly couponId: string }
  /** Lists coupons. */
  'coupons.list': Paged
  /** Lists claimable coupons. */
  'coupons.claimable': Paged
  /** Lists a user's coupons. */
  'coupons.ofUser': Paged & { readonly userId: string }
  /** Reads an order. */
  'orders.get': OnOrder & { readonly userId?: string | undefined }
  /** Quotes an order. */
  'orders.quote': PlaceOrder
  /** Lists orders. */
  'orders.list': Paged & {
    readonly userId?: string | undefined
    readonly status?: OrderStatus | undefined
    readonly reference?: string | undefined
  }
  /** Reads a known payment by its place. */
  'payments.get': { readonly payment: number; readonly userId?: string | undefined }
  /** Lists events. */
  'outbox.list': Paged & { readonly status?: EventStatus | undefined }
  /** Counts events. */
  'outbox.counts': Readonly<Record<string, never>>
  /** Reads the movements of all balances. */
  statement: StatementQuery
}

/** The name of a read: noun and method. */
export type ReadName = keyof ReadInputs

export const readNames: ReadonlySet<string> = new Set<ReadName>([
  'balance.get',
  'balance.history',
  'balance.entries',
  'products.get',
  'products.find',
  'products.list',
  'products.listAll',
  'products.drops',
  'products.states',
  'products.top',
  'coupons.get',
  'coupons.list',
  'coupons.claimable',
  'coupons.ofUser',
  'orders.get',
  'orders.quote',
  'orders.list',
  'payments.get',
  'outbox.list',
  'outbox.counts',
  'statement',
])

/** Sends a command. */
export type CommandStep = {
  [N in CommandName]: {
    readonly do: N
    readonly input: CommandInputs[N]
    readonly key?: StepKey | undefined
    /** Brings a companion row that the store does not accept. */
    readonly companionFails?: true | undefined
  }
}[CommandName]

/** Reads. */
export type ReadStep = { [N in ReadName]: { readonly do: N; readonly input: ReadInputs[N] } }[ReadName]

/** Moves the clock, runs a job, or repeats a command. */
export type ControlStep =
  /** Repeats a command that had a key: the same request under the same key. */
  | { readonly do: 'again'; readonly nth: number }
  /** Repeats a command that had a reference, without its key. */
  | { readonly do: 'refer-again'; readonly nth: number }
  /** Places the order that this branch quoted last. */
  | { readonly do: 'order-quoted' }
  | { readonly do: 'sweep'; readonly limit: number }
  | { readonly do: 'sweep-lots'; readonly limit: number }
  | { readonly do: 'repair' }
  | { readonly do: 'refresh-ranking' }
  | { readonly do: 'flush-views' }
  /** Delivers what is due; the receiver takes all of it, or wants none of it ever. */
  | { readonly do: 'relay'; readonly reply: 'sent' | 'refused' }
  | { readonly do: 'move-clock'; readonly ms: number }

/** One step of a history, as plain data. */
export type Step = CommandStep | ReadStep | ControlStep

/** The steps of several callers: first `start` alone; then all branches at once, each in sequence. */
export interface History {
  /** The rules of the shop. */
  readonly policies: Policies
  /** The steps before the branches, in sequence. */
  readonly start: readonly Step[]
  /** The branches, which run at once. */
  readonly branches: readonly (readonly Step[])[]
}

/** The number of the branch that runs after all others. */
export const closingBranch = -1

/** The days on which histories take place, in any time zone, with the days around them. */
export const daysOfHistories = { from: '2026-01-29', to: '2026-06-30' }

/** Reads everything, at the end of a history. */
export const closing = (alone: boolean): readonly Step[] => [
  ...(alone ? ([{ do: 'flush-views' }] as const) : []),
  { do: 'sweep-lots', limit: 100 },
  { do: 'refresh-ranking' },
  { do: 'products.top', input: {} },
  ...['p1', 'p2', 'p3'].map((productId) => ({ do: 'products.find', input: { productId } }) as const),
  { do: 'products.listAll', input: { page: 0, size: 100 } },
  { do: 'products.drops', input: {} },
  ...['u1', 'u2', 'u3'].flatMap((userId) => [
    { do: 'balance.get', input: { userId } } as const,
    { do: 'balance.history', input: { userId, limit: 3 } } as const,
    { do: 'coupons.ofUser', input: { userId, limit: 3 } } as const,
  ]),
  { do: 'coupons.list', input: { limit: 3 } },
  { do: 'coupons.claimable', input: { limit: 3 } },
  { do: 'orders.list', input: { limit: 3 } },
  { do: 'balance.entries', input: { limit: 3 } },
  { do: 'statement', input: daysOfHistories },
  ...(alone ? ([{ do: 'outbox.list', input: { limit: 3 } }] as const) : []),
]

const short = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(short).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members.map(([name, member]) => `${name}: ${short(member)}`).join(', ')}}`
}

/** Readable text in one line. */
export const describeCall = ({
  name,
  input,
  key,
  companionFails = false,
}: {
  name: string
  input: unknown
  key?: StepKey | undefined
  companionFails?: boolean | undefined
}) =>
  `${name} ${short(input)}${key ? ` key ${key.scope}/${key.key}` : ''}${companionFails ? ' with a row that fails' : ''}`

/** Readable text in one line. */
const describeStep = (step: Step): string => {
  const { do: name, ...rest } = step
  return 'input' in step ? describeCall({ name, ...step }) : `${name} ${short(rest)}`
}

/** Readable text, one line per step. */
export const describeHistory = ({ policies, start, branches }: History): string =>
  [
    `policies ${short(policies)}`,
    ...start.map((step) => `  ${describeStep(step)}`),
    ...branches.flatMap((branch, index) => [`branch ${index + 1}`, ...branch.map((step) => `  ${describeStep(step)}`)]),
  ].join('\n')
