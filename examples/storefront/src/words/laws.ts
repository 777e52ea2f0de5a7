import type { Language } from './language.js'

/** The laws of the shop as people say them; the server has the sentences that are checked. */
const sentences: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  'WALLET-LEDGER': {
    en: 'A balance is the sum of its entries.',
    ko: '잔액은 그 내역의 합과 같습니다.',
  },
  'WALLET-CHAIN': {
    en: 'Every entry follows the one before it.',
    ko: '모든 내역은 바로 앞의 내역에 이어집니다.',
  },
  'WALLET-RANGE': {
    en: 'No balance was ever negative.',
    ko: '잔액은 한 번도 음수가 된 적이 없습니다.',
  },
  'STOCK-CONSERVATION': {
    en: 'What was received is on the shelf or in paid orders.',
    ko: '입고된 재고는 남아 있거나 결제된 주문에 있습니다.',
  },
  'STOCK-HELD': {
    en: 'What is held is the sum of the holds, and never more than there is.',
    ko: '잡아 둔 재고는 그 합과 같고, 있는 것보다 많지 않습니다.',
  },
  'SALES-MATCH': {
    en: 'The daily sales add up to what paid orders took.',
    ko: '일별 판매량의 합은 결제된 주문과 같습니다.',
  },
  'COUPON-LIMIT': {
    en: 'No coupon was issued more often than there are copies.',
    ko: '쿠폰은 준비된 수량보다 많이 발급되지 않았습니다.',
  },
  'COUPON-SINGLE-USE': {
    en: 'No coupon is used by two orders.',
    ko: '한 쿠폰을 두 주문이 쓰지 않습니다.',
  },
  'ORDER-TOTAL': {
    en: 'An order costs the sum of its lines, less the discount.',
    ko: '주문 금액은 항목의 합에서 할인을 뺀 것과 같습니다.',
  },
  'ORDER-PAID-ONCE': {
    en: 'A paid order was paid exactly once.',
    ko: '결제된 주문은 정확히 한 번만 결제되었습니다.',
  },
  'ORDER-HOLDS': {
    en: 'Only an order that waits holds stock, exactly its lines.',
    ko: '대기 중인 주문만, 정확히 그 항목만큼 재고를 잡습니다.',
  },
  'ORDER-DEADLINE': {
    en: 'An order that waits has a deadline, a paid one a time of payment.',
    ko: '대기 중인 주문에는 기한이, 결제된 주문에는 결제 시각이 있습니다.',
  },
  'OUTBOX-COMPLETE': {
    en: 'Every change that promises an event has exactly one.',
    ko: '이벤트를 약속한 변경마다 정확히 하나의 이벤트가 있습니다.',
  },
  'NO-ORPHANS': {
    en: 'Nothing is left of something that is gone.',
    ko: '없어진 것의 흔적이 남아 있지 않습니다.',
  },
  'ORDER-ENDS': {
    en: 'An unpaid order ends soon after its deadline.',
    ko: '결제되지 않은 주문은 기한이 지나면 곧 끝납니다.',
  },
}

export const lawIds: readonly string[] = Object.keys(sentences)

/** A law in the user's language; a law that the page does not know yet, as the server says it. */
export const lawSentence = (law: string, language: Language, fallback = law): string =>
  sentences[law]?.[language] ?? fallback
