import type { CustomProblems } from '@shop/server-express'

declare module '@shop/core' {
  interface CustomRefusals {
    NOT_A_MEMBER: { userId: string }
    ONE_POSTER_ONLY: { bought: number; requested: number }
    TOO_MANY_UNITS: { limit: number; requested: number }
  }
}

/** What people read over HTTP. The server does not start without a text for a code that a rule declares. */
export const houseProblems: CustomProblems = {
  NOT_A_MEMBER: {
    status: 403,
    title: 'Not a member',
    detail: { en: 'Only members of the club may order.', ko: '클럽 회원만 주문할 수 있습니다' },
  },
  ONE_POSTER_ONLY: {
    status: 409,
    title: 'One poster only',
    detail: {
      en: 'Each person may buy one poster of the series.',
      ko: '시리즈 포스터는 1인당 한 장만 구매할 수 있습니다',
    },
  },
  TOO_MANY_UNITS: {
    status: 400,
    title: 'Too many units',
    detail: { en: 'The order has too many units; see limit.', ko: '한 번에 주문할 수 있는 수량을 초과했습니다' },
  },
}
