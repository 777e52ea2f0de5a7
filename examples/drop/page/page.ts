import { post, type Refused } from './post.js'

interface State {
  readonly stock: number
  readonly opensAt?: string
  readonly now: string
}

interface Order {
  readonly orderId: string
  readonly expiresAt: string
}

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T
const [clock, stock, result, deadline] = ['clock', 'stock', 'result', 'deadline'].map((id) => element(id)) as [
  HTMLElement,
  HTMLElement,
  HTMLElement,
  HTMLElement,
]
const meter = element<HTMLMeterElement>('meter')
const buy = element<HTMLButtonElement>('buy')

let userId: string | undefined
let state: State | undefined
let order: Order | undefined
/** The server's clock less this browser's, in milliseconds. */
let ahead = 0

const untilServer = (at: string): number => Date.parse(at) - (Date.now() + ahead)

const inWords = (ms: number): string => {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map((each) => String(each).padStart(2, '0')).join(':')
}

const show = (): void => {
  const wait = state?.opensAt === undefined ? 0 : untilServer(state.opensAt)
  clock.textContent = state === undefined ? '…' : wait > 0 ? `Opens in ${inWords(wait)}` : 'Open'
  if (state) stock.textContent = String(state.stock)
  meter.value = state?.stock ?? 0
  element('sign-in').hidden = userId !== undefined
  buy.hidden = userId === undefined || order !== undefined
  buy.disabled = state === undefined || wait > 0 || state.stock === 0
  element('hold').hidden = order === undefined
  if (order) deadline.textContent = `Yours for ${inWords(untilServer(order.expiresAt))}`
}

/** A stream that a proxy has answered with an error is closed for good, so a new one is opened. */
const watch = (): void => {
  const stream = new EventSource('api/products/print/live')
  stream.addEventListener('product', ({ data }) => {
    state = JSON.parse(data) as State
    ahead = Date.parse(state.now) - Date.now()
    show()
  })
  stream.addEventListener('error', () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(watch, 1_000)
  })
}

const reasons: Readonly<Record<string, string>> = {
  PRODUCT_NOT_ON_SALE: 'Not open yet.',
  PURCHASE_LIMIT_EXCEEDED: 'You already have yours.',
  STOCK_INSUFFICIENT: 'Sold out.',
  ORDER_NOT_PENDING: 'Too late: your ten minutes are over.',
  BALANCE_INSUFFICIENT: 'Your balance is too small.',
}

const say = (text: string): void => {
  result.textContent = text
  show()
}
const sayWhy = ({ code }: Refused): void => say(reasons[code] ?? code)

element('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault()
  const answer = await post<{ userId: string }>('sign-in', { name: element<HTMLInputElement>('name').value })
  if (!answer.ok) return sayWhy(answer)
  userId = answer.body.userId
  say(`Hello ${userId}.`)
})

buy.addEventListener('click', async () => {
  buy.disabled = true
  const answer = await post<Order>('api/orders', { userId, products: [{ productId: 'print', quantity: 1 }] })
  if (!answer.ok) return sayWhy(answer)
  order = answer.body
  say('One copy is held for you.')
})

element('pay').addEventListener('click', async () => {
  const answer = await post('api/payments', { userId, orderId: order?.orderId })
  if (!answer.ok && answer.code === 'BALANCE_INSUFFICIENT') return sayWhy(answer)
  order = undefined
  if (answer.ok) say('It is yours. Thank you!')
  else sayWhy(answer)
})

element('cancel').addEventListener('click', async () => {
  const answer = await post(`api/orders/${order?.orderId}/cancel`, {})
  order = undefined
  if (answer.ok) say('It is free for somebody else.')
  else sayWhy(answer)
})

watch()
setInterval(show, 250)
