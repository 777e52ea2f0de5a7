import { isShopProblem, type ProblemCode, type ShopProblem } from '@shop/server-express/client'
import { serverNow } from '../state/server-clock.js'
import type { Language } from './language.js'

/** What happened, and what the user can do. */
export interface Explained {
  readonly what: string
  readonly todo: string
}

type Money = (amount: number) => string
type Moment = (iso: string) => string
type Explain = (problem: ShopProblem, money: Money, moment: Moment) => Explained

const facts = <Code extends ProblemCode>(problem: ShopProblem, _code: Code): ShopProblem<Code>['document'] =>
  problem.document as ShopProblem<Code>['document']

/** The lines over their limit, if that is why an order was refused. */
export const refusedLines = (failure: unknown) =>
  isShopProblem(failure, 'PURCHASE_LIMIT_EXCEEDED') ? failure.document.lines : []

/** The product outside its hours that opens last. */
const lastToOpen = (problem: ShopProblem): string | undefined =>
  facts(problem, 'PRODUCT_NOT_ON_SALE')
    .products.flatMap(({ opensAt }) => opensAt ?? [])
    .filter((opensAt) => Date.parse(opensAt) > serverNow())
    .sort((one, other) => Date.parse(one) - Date.parse(other))
    .at(-1)

const shortest = (problem: ShopProblem): number =>
  Math.min(...facts(problem, 'STOCK_INSUFFICIENT').lines.map(({ available }) => available))

const en: Partial<Record<ProblemCode, Explain>> = {
  UNAUTHENTICATED: () => ({ what: 'Your session has ended.', todo: 'Sign in and try again.' }),
  FORBIDDEN: () => ({ what: 'You do not have permission.', todo: 'Sign in as the administrator to do it.' }),
  INVALID_REQUEST: () => ({ what: 'The request is invalid.', todo: 'Check your input.' }),
  RATE_LIMITED: () => ({ what: 'Too many requests.', todo: 'Wait a moment and try again.' }),
  UNAVAILABLE: () => ({ what: 'The shop is very busy.', todo: 'Nothing was lost. Try again in a moment.' }),
  USER_NOT_FOUND: () => ({ what: 'You have no account yet.', todo: 'Charge your balance first.' }),
  CHARGE_AMOUNT_INVALID(problem, money) {
    const { minimum, maximum, unit } = facts(problem, 'CHARGE_AMOUNT_INVALID')
    const steps = unit > 1 ? `, in steps of ${money(unit)}` : ''
    return { what: 'This amount cannot be charged.', todo: `Choose ${money(minimum)} to ${money(maximum)}${steps}.` }
  },
  BALANCE_LIMIT_EXCEEDED(problem, money) {
    const { limit, balance } = facts(problem, 'BALANCE_LIMIT_EXCEEDED')
    return {
      what: `A balance is limited to ${money(limit)}.`,
      todo: `You can still charge ${money(Math.max(0, limit - balance))}.`,
    }
  },
  STOCK_INSUFFICIENT: (problem) =>
    shortest(problem) === 0
      ? { what: 'It is sold out.', todo: 'Remove it from the basket and order the rest.' }
      : { what: `There are only ${shortest(problem)} left.`, todo: 'Take fewer and order again.' },
  PRODUCT_NOT_FOUND: () => ({ what: 'This product is no longer sold.', todo: 'Remove it from the basket.' }),
  PRODUCT_SOLD_OUT: () => ({ what: 'This product is sold out.', todo: 'Come back later, or choose another one.' }),
  COUPON_ALREADY_ISSUED: () => ({ what: 'You already have this coupon.', todo: 'Use it with your next order.' }),
  COUPON_SOLD_OUT: () => ({ what: 'All of these coupons are gone.', todo: 'Try another coupon.' }),
  COUPON_ALREADY_USED: () => ({ what: 'This coupon is used by another order.', todo: 'Order without it.' }),
  COUPON_NOT_YET_VALID: () => ({ what: 'This coupon is not valid yet.', todo: 'Order without it, or wait.' }),
  COUPON_EXPIRED: () => ({ what: 'This coupon has expired.', todo: 'Order without it.' }),
  COUPON_MINIMUM_NOT_MET(problem, money) {
    const { minimumOrderAmount } = facts(problem, 'COUPON_MINIMUM_NOT_MET')
    return {
      what: `This coupon needs an order of ${money(minimumOrderAmount)}.`,
      todo: 'Add something, or order without it.',
    }
  },
  BALANCE_INSUFFICIENT(problem, money) {
    const { balance, required } = facts(problem, 'BALANCE_INSUFFICIENT')
    return {
      what: `Your balance of ${money(balance)} is not enough.`,
      todo: `Charge at least ${money(required - balance)} and pay again.`,
    }
  },
  ORDER_NOT_PENDING: () => ({ what: 'This order is no longer pending.', todo: 'See its status below.' }),
  PRODUCT_NOT_ON_SALE(problem, _money, moment) {
    const opensAt = lastToOpen(problem)
    return opensAt === undefined
      ? { what: 'This sale is over.', todo: 'See which drops are still to come.' }
      : { what: 'Not open yet.', todo: `It opens at ${moment(opensAt)}.` }
  },
  PURCHASE_LIMIT_EXCEEDED(problem) {
    const [line = { limit: 1, bought: 0 }] = facts(problem, 'PURCHASE_LIMIT_EXCEEDED').lines
    const { limit, bought } = line
    return bought >= limit
      ? { what: 'You already have yours.', todo: `The limit is ${limit} per person.` }
      : { what: `The limit is ${limit} per person.`, todo: `You can still order ${limit - bought}.` }
  },
  TOO_MANY_PENDING_ORDERS(problem) {
    const { limit } = facts(problem, 'TOO_MANY_PENDING_ORDERS')
    return { what: `You have ${limit} unpaid orders, the most allowed.`, todo: 'Pay or cancel one of them first.' }
  },
  COUPON_NOT_APPLICABLE: () => ({
    what: 'This coupon is not for these products.',
    todo: 'Order without it, or choose another one.',
  }),
  COUPON_NOT_FOUND: () => ({ what: 'This coupon does not exist.', todo: 'Choose another one.' }),
  EVENT_NOT_DEAD: () => ({ what: 'This event is already being sent.', todo: 'Nothing to do.' }),
}

const ko: Partial<Record<ProblemCode, Explain>> = {
  UNAUTHENTICATED: () => ({ what: '로그인이 만료되었습니다.', todo: '다시 로그인해 주세요.' }),
  FORBIDDEN: () => ({ what: '권한이 없습니다.', todo: '관리자로 로그인하면 할 수 있습니다.' }),
  INVALID_REQUEST: () => ({ what: '잘못된 요청입니다.', todo: '입력한 내용을 확인해 주세요.' }),
  RATE_LIMITED: () => ({ what: '요청이 너무 많습니다.', todo: '잠시 후 다시 시도해 주세요.' }),
  UNAVAILABLE: () => ({
    what: '요청이 많아 처리할 수 없습니다.',
    todo: '데이터는 안전합니다. 잠시 후 다시 시도해 주세요.',
  }),
  USER_NOT_FOUND: () => ({ what: '존재하지 않는 사용자입니다.', todo: '먼저 잔액을 충전해 주세요.' }),
  CHARGE_AMOUNT_INVALID(problem, money) {
    const { minimum, maximum, unit } = facts(problem, 'CHARGE_AMOUNT_INVALID')
    const steps = unit > 1 ? ` ${money(unit)} 단위로` : ''
    return {
      what: '충전금액이 잘못 되었습니다.',
      todo: `${money(minimum)}부터 ${money(maximum)}까지${steps} 충전할 수 있습니다.`,
    }
  },
  BALANCE_LIMIT_EXCEEDED(problem, money) {
    const { limit, balance } = facts(problem, 'BALANCE_LIMIT_EXCEEDED')
    return {
      what: `잔액은 ${money(limit)}까지 보유할 수 있습니다.`,
      todo: `앞으로 ${money(Math.max(0, limit - balance))} 더 충전할 수 있습니다.`,
    }
  },
  STOCK_INSUFFICIENT: (problem) =>
    shortest(problem) === 0
      ? { what: '재고가 모두 팔렸습니다.', todo: '장바구니에서 빼고 나머지를 주문해 주세요.' }
      : { what: `재고가 ${shortest(problem)}개만 남았습니다.`, todo: '수량을 줄여 다시 주문해 주세요.' },
  PRODUCT_NOT_FOUND: () => ({ what: '존재하지 않는 상품입니다.', todo: '장바구니에서 빼 주세요.' }),
  PRODUCT_SOLD_OUT: () => ({ what: '품절된 상품입니다.', todo: '나중에 다시 방문하거나 다른 상품을 확인해 주세요.' }),
  COUPON_ALREADY_ISSUED: () => ({ what: '이미 발급받은 쿠폰입니다.', todo: '다음 주문에 사용해 보세요.' }),
  COUPON_SOLD_OUT: () => ({ what: '쿠폰이 모두 소진되었습니다.', todo: '다른 쿠폰을 확인해 보세요.' }),
  COUPON_ALREADY_USED: () => ({ what: '다른 주문에 사용한 쿠폰입니다.', todo: '쿠폰 없이 주문해 주세요.' }),
  COUPON_NOT_YET_VALID: () => ({
    what: '아직 사용할 수 없는 쿠폰입니다.',
    todo: '쿠폰 없이 주문하거나 기다려 주세요.',
  }),
  COUPON_EXPIRED: () => ({ what: '기간이 지난 쿠폰입니다.', todo: '쿠폰 없이 주문해 주세요.' }),
  COUPON_MINIMUM_NOT_MET(problem, money) {
    const { minimumOrderAmount } = facts(problem, 'COUPON_MINIMUM_NOT_MET')
    return {
      what: `${money(minimumOrderAmount)} 이상 주문할 때 쓸 수 있는 쿠폰입니다.`,
      todo: '상품을 더 담거나 쿠폰 없이 주문해 주세요.',
    }
  },
  BALANCE_INSUFFICIENT(problem, money) {
    const { balance, required } = facts(problem, 'BALANCE_INSUFFICIENT')
    return {
      what: `잔액 ${money(balance)}으로는 부족합니다.`,
      todo: `${money(required - balance)} 이상 충전한 뒤 다시 결제해 주세요.`,
    }
  },
  ORDER_NOT_PENDING: () => ({ what: '결제 대기 중인 주문이 아닙니다.', todo: '아래에서 상태를 확인해 주세요.' }),
  PRODUCT_NOT_ON_SALE(problem, _money, moment) {
    const opensAt = lastToOpen(problem)
    return opensAt === undefined
      ? { what: '판매가 종료되었습니다.', todo: '예정된 다른 드롭을 확인해 보세요.' }
      : { what: '아직 오픈 전입니다.', todo: `${moment(opensAt)}에 오픈합니다.` }
  },
  PURCHASE_LIMIT_EXCEEDED(problem) {
    const [line = { limit: 1, bought: 0 }] = facts(problem, 'PURCHASE_LIMIT_EXCEEDED').lines
    const { limit, bought } = line
    return bought >= limit
      ? { what: '이미 구매했습니다.', todo: `1인당 ${limit}개까지 구매할 수 있습니다.` }
      : { what: `1인당 ${limit}개까지 구매할 수 있습니다.`, todo: `앞으로 ${limit - bought}개 더 주문할 수 있습니다.` }
  },
  TOO_MANY_PENDING_ORDERS(problem) {
    const { limit } = facts(problem, 'TOO_MANY_PENDING_ORDERS')
    return {
      what: `결제를 기다리는 주문이 ${limit}건으로, 더 주문할 수 없습니다.`,
      todo: '먼저 기존 주문을 결제하거나 취소해 주세요.',
    }
  },
  COUPON_NOT_APPLICABLE: () => ({
    what: '이 상품에는 사용할 수 없는 쿠폰입니다.',
    todo: '쿠폰 없이 주문하거나 다른 쿠폰을 선택해 주세요.',
  }),
  COUPON_NOT_FOUND: () => ({ what: '존재하지 않는 쿠폰입니다.', todo: '다른 쿠폰을 선택해 주세요.' }),
  EVENT_NOT_DEAD: () => ({ what: '이미 전송 중인 이벤트입니다.', todo: '추가 조치는 필요하지 않습니다.' }),
}

const tables = { en, ko }

const unreachable: Readonly<Record<Language, Explained>> = {
  en: { what: 'The shop cannot be reached.', todo: 'Is the server running? Try again.' },
  ko: { what: '상점에 연결할 수 없습니다.', todo: '서버가 실행 중인지 확인하고 다시 시도해 주세요.' },
}

const anyRefusal: Readonly<Record<Language, string>> = {
  en: 'Nothing was changed. Try something else.',
  ko: '변경된 내용은 없습니다. 다른 방법을 시도해 주세요.',
}

/** Explains a failure in the user's language. For unknown codes, shows the server's detail. */
export const explain = (error: unknown, language: Language, money: Money, moment: Moment): Explained => {
  if (!isShopProblem(error)) return unreachable[language]
  const known = tables[language][error.code]
  return known ? known(error, money, moment) : { what: error.detail, todo: anyRefusal[language] }
}
