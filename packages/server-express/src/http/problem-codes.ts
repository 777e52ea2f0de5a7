import type { BuiltInRefusal } from '@shop/core'

/** Refusals of the server itself: raised before or around a command of the shop. */
export type ServerCode =
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'RATE_LIMITED'
  | 'IDEMPOTENCY_IN_PROGRESS'
  | 'INTERNAL'
  | 'UNAVAILABLE'

export type ProblemCode = BuiltInRefusal['code'] | ServerCode

export interface ProblemKind {
  readonly status: number
  readonly title: string
  /** The `detail` text, by language. */
  readonly en: string
  readonly ko: string
}

/** Every problem code of the API. The order is the order of precedence within one request. */
export const problemKinds: Readonly<Record<ProblemCode, ProblemKind>> = {
  NOT_FOUND: {
    status: 404,
    title: 'Not found',
    en: 'This path does not exist.',
    ko: '요청한 경로를 찾을 수 없습니다',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'Method not allowed',
    en: 'Method not supported here; see the Allow header.',
    ko: '이 경로에서 지원하지 않는 메서드입니다',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    title: 'Payload too large',
    en: 'The request body exceeds 102,400 bytes.',
    ko: '요청 본문이 너무 큽니다',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'Unsupported media type',
    en: 'The request body must be uncompressed application/json in UTF-8.',
    ko: '지원하지 않는 본문 형식입니다',
  },
  UNAUTHENTICATED: {
    status: 401,
    title: 'Unauthenticated',
    en: 'A valid bearer token is required.',
    ko: '인증이 필요합니다',
  },
  INVALID_REQUEST: {
    status: 400,
    title: 'Invalid request',
    en: 'The request is malformed; see errors.',
    ko: '잘못된 요청',
  },
  FORBIDDEN: {
    status: 403,
    title: 'Forbidden',
    en: 'You do not have permission.',
    ko: '권한이 없습니다',
  },
  RATE_LIMITED: {
    status: 429,
    title: 'Rate limited',
    en: 'Too many requests; retry after the time in the Retry-After header.',
    ko: '요청이 너무 많습니다. 잠시 후 다시 시도해 주세요',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'Idempotency key reused',
    en: 'This Idempotency-Key was already used with a different request.',
    ko: '이미 다른 요청에 사용된 멱등성 키입니다',
  },
  IDEMPOTENCY_IN_PROGRESS: {
    status: 409,
    title: 'Idempotency key in progress',
    en: 'A request with this Idempotency-Key is still in progress; retry later.',
    ko: '같은 멱등성 키의 요청이 아직 처리 중입니다',
  },
  REFERENCE_REUSED: {
    status: 422,
    title: 'Reference reused',
    en: 'This reference was already used with a different request.',
    ko: '이미 다른 요청에 사용된 참조 번호입니다',
  },
  LEADERSHIP_LOST: {
    status: 409,
    title: 'Leadership lost',
    en: 'Another server is now the leader for this job.',
    ko: '다른 서버가 이 작업을 맡고 있습니다',
  },
  USER_NOT_FOUND: {
    status: 400,
    title: 'User not found',
    en: 'This user does not exist.',
    ko: '존재하지 않는 사용자입니다',
  },
  USER_ALREADY_EXISTS: {
    status: 409,
    title: 'User already exists',
    en: 'A user with this id already exists.',
    ko: '이미 존재하는 사용자입니다',
  },
  EVENT_NOT_FOUND: {
    status: 404,
    title: 'Event not found',
    en: 'This event does not exist.',
    ko: '존재하지 않는 이벤트입니다',
  },
  EVENT_NOT_DEAD: {
    status: 409,
    title: 'Event not dead',
    en: 'Only a dead event can be redelivered.',
    ko: '전송 실패로 중단된 이벤트만 재전송할 수 있습니다',
  },
  CHARGE_AMOUNT_INVALID: {
    status: 400,
    title: 'Charge amount invalid',
    en: 'The amount must be between minimum and maximum, and a multiple of unit.',
    ko: '충전금액이 잘못 되었습니다',
  },
  BALANCE_LIMIT_EXCEEDED: {
    status: 400,
    title: 'Balance limit exceeded',
    en: 'The balance would exceed its limit.',
    ko: '충전금액이 잘못 되었습니다',
  },
  BONUS_LOTS_EXCEEDED: {
    status: 409,
    title: 'Bonus lots exceeded',
    en: 'The user already has the maximum number of bonuses that are neither spent nor expired.',
    ko: '보유할 수 있는 보너스 건수를 초과했습니다',
  },
  ORDER_NOT_FOUND: {
    status: 404,
    title: 'Order not found',
    en: 'This order does not exist.',
    ko: '존재하지 않는 주문번호입니다',
  },
  PAYMENT_NOT_FOUND: {
    status: 404,
    title: 'Payment not found',
    en: 'This payment does not exist.',
    ko: '존재하지 않는 주문번호입니다',
  },
  ORDER_NOT_PENDING: {
    status: 409,
    title: 'Order not pending',
    en: 'The order is no longer pending.',
    ko: '결제 대기 중인 주문이 아닙니다',
  },
  ORDER_NOT_PAID: {
    status: 409,
    title: 'Order not paid',
    en: 'Only a paid order can be refunded.',
    ko: '결제된 주문만 환불할 수 있습니다',
  },
  REFUND_EXCEEDS_ORDER: {
    status: 409,
    title: 'Refund exceeds order',
    en: 'The refund exceeds what is left of the order; see lines.',
    ko: '환불할 수 있는 수량을 초과했습니다',
  },
  ORDER_ALREADY_EXISTS: {
    status: 409,
    title: 'Order already exists',
    en: 'An order with this id already exists.',
    ko: '이미 존재하는 주문 번호입니다',
  },
  TOO_MANY_PENDING_ORDERS: {
    status: 409,
    title: 'Too many pending orders',
    en: 'The user has too many unpaid orders; pay or cancel one first.',
    ko: '결제 대기 중인 주문이 너무 많습니다',
  },
  PRODUCT_NOT_FOUND: {
    status: 404,
    title: 'Product not found',
    en: 'This product does not exist.',
    ko: '존재하지 않는 상품입니다',
  },
  PRODUCT_ALREADY_EXISTS: {
    status: 409,
    title: 'Product already exists',
    en: 'A product with this id already exists.',
    ko: '이미 존재하는 상품입니다',
  },
  PRODUCT_NOT_ON_SALE: {
    status: 409,
    title: 'Product not on sale',
    en: 'A product of the order is not on sale now; see products.',
    ko: '지금은 판매 시간이 아닙니다',
  },
  PURCHASE_LIMIT_EXCEEDED: {
    status: 409,
    title: 'Purchase limit exceeded',
    en: 'The order exceeds the number of units that one person may buy; see lines.',
    ko: '1인당 구매 한도를 초과했습니다',
  },
  COUPON_ALREADY_EXISTS: {
    status: 409,
    title: 'Coupon already exists',
    en: 'A coupon with this id or this code already exists.',
    ko: '이미 존재하는 쿠폰입니다',
  },
  STOCK_INSUFFICIENT: {
    status: 409,
    title: 'Stock insufficient',
    en: 'Not enough stock for the requested quantity.',
    ko: '재고 부족',
  },
  COUPON_NOT_FOUND: {
    status: 400,
    title: 'Coupon not found',
    en: 'This coupon does not exist.',
    ko: '잘못된 쿠폰입니다',
  },
  COUPON_ALREADY_ISSUED: {
    status: 409,
    title: 'Coupon already issued',
    en: 'This user already has the coupon.',
    ko: '이미 발급받은 쿠폰입니다',
  },
  COUPON_NOT_OWNED: {
    status: 400,
    title: 'Coupon not owned',
    en: 'The coupon was never issued to this user.',
    ko: '유효하지 않은 쿠폰',
  },
  COUPON_ALREADY_USED: {
    status: 409,
    title: 'Coupon already used',
    en: 'The coupon has already been used by another order.',
    ko: '유효하지 않은 쿠폰',
  },
  COUPON_NOT_YET_VALID: {
    status: 400,
    title: 'Coupon not yet valid',
    en: 'The coupon is not valid yet.',
    ko: '유효하지 않은 쿠폰',
  },
  COUPON_EXPIRED: {
    status: 400,
    title: 'Coupon expired',
    en: 'The coupon has expired.',
    ko: '유효하지 않은 쿠폰',
  },
  COUPON_SOLD_OUT: {
    status: 400,
    title: 'Coupon sold out',
    en: 'The coupon is sold out.',
    ko: '쿠폰 재고 부족',
  },
  COUPON_NOT_APPLICABLE: {
    status: 400,
    title: 'Coupon not applicable',
    en: 'The coupon is for none of the products in the order.',
    ko: '쿠폰을 적용할 수 있는 상품이 없습니다',
  },
  COUPON_MINIMUM_NOT_MET: {
    status: 400,
    title: 'Coupon minimum not met',
    en: 'The order total is below the minimum amount of the coupon.',
    ko: '유효하지 않은 쿠폰',
  },
  BALANCE_INSUFFICIENT: {
    status: 409,
    title: 'Balance insufficient',
    en: 'The balance is lower than the required amount.',
    ko: '잔액 부족',
  },
  PRODUCT_SOLD_OUT: {
    status: 409,
    title: 'Product sold out',
    en: 'The product is sold out.',
    ko: '재고 없음',
  },
  COMPANION_FAILED: {
    status: 409,
    title: 'Companion failed',
    en: 'The data that belongs to this request was not accepted; nothing was changed.',
    ko: '함께 저장할 데이터를 저장할 수 없어 요청을 처리하지 못했습니다',
  },
  INTERNAL: {
    status: 500,
    title: 'Internal error',
    en: 'An internal error occurred; the server log has details under this requestId.',
    ko: '서버 내부 오류가 발생했습니다',
  },
  UNAVAILABLE: {
    status: 503,
    title: 'Unavailable',
    en: 'The service is temporarily unavailable; retry after the time in the Retry-After header.',
    ko: '지금은 처리할 수 없습니다. 잠시 후 다시 시도해 주세요',
  },
}

export const problemCodes = Object.keys(problemKinds) as readonly ProblemCode[]
