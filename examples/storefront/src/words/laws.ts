import type { Language } from './language.js'

/** The laws of the shop in plain language. The server has the exact sentences. */
const sentences: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  'WALLET-LEDGER': {
    en: 'A balance is the sum of its entries: paid money and bonus money.',
    ko: '잔액은 그 내역의 합이며, 충전금과 보너스의 합입니다.',
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
    en: 'Received stock is either in stock, or in paid orders and not refunded.',
    ko: '입고된 재고는 남아 있거나, 결제된 주문에서 환불되지 않은 수량입니다.',
  },
  'STOCK-HELD': {
    en: 'Held stock is the sum of the holds, and never exceeds the stock.',
    ko: '선점된 재고는 선점 내역의 합과 같고, 재고를 초과하지 않습니다.',
  },
  'SALES-MATCH': {
    en: 'Daily sales add up to the units of paid orders, less refunds.',
    ko: '일별 판매량의 합은 결제된 주문의 수량에서 환불 수량을 뺀 것과 같습니다.',
  },
  'COUPON-LIMIT': {
    en: 'No coupon was issued more often than there are copies.',
    ko: '쿠폰은 준비된 수량보다 많이 발급되지 않았습니다.',
  },
  'COUPON-SINGLE-USE': {
    en: 'No coupon is used by two orders.',
    ko: '하나의 쿠폰이 두 주문에 사용되지 않습니다.',
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
    en: 'Only pending orders hold stock: exactly their lines.',
    ko: '대기 중인 주문만 정확히 그 항목만큼 재고를 선점합니다.',
  },
  'ORDER-DEADLINE': {
    en: 'A pending order has a deadline; a paid one has a payment time.',
    ko: '대기 중인 주문에는 기한이, 결제된 주문에는 결제 시각이 있습니다.',
  },
  'OUTBOX-COMPLETE': {
    en: 'Every change that requires an event has exactly one.',
    ko: '이벤트가 필요한 변경마다 정확히 하나의 이벤트가 있습니다.',
  },
  'LOT-CHAIN': {
    en: 'What was granted as bonus money is spent, has ended, or remains.',
    ko: '지급된 보너스는 사용했거나 소멸했거나 남아 있습니다.',
  },
  'SPEND-ORDER': {
    en: 'Payments spend the bonus money that ends first.',
    ko: '결제는 먼저 소멸할 보너스부터 사용합니다.',
  },
  'LOT-ENDS': {
    en: 'Bonus money that has ended soon leaves the books.',
    ko: '기한이 지난 보너스는 곧 소멸 처리됩니다.',
  },
  'REFUND-SUM': {
    en: 'The refunds of an order never exceed what was paid, and equal it once everything is refunded.',
    ko: '주문의 환불 합계는 결제 금액을 넘지 않으며, 모두 환불하면 결제 금액과 같습니다.',
  },
  'PURCHASE-LIMIT': {
    en: 'No one has more units of a product than the limit per person in force at the order.',
    ko: '주문 당시의 1인당 한도보다 많은 상품을 가진 사용자가 없습니다.',
  },
  'REFERENCE-ONCE': {
    en: 'A reference stands for exactly one entry or order.',
    ko: '참조 번호는 정확히 하나의 내역이나 주문에 해당합니다.',
  },
  'HISTORY-KEPT': {
    en: 'Every acknowledged command is still there, or an administrator has acknowledged its loss.',
    ko: '응답이 끝난 모든 명령은 그대로 남아 있습니다. 유실된 명령이 있으면 관리자가 확인한 상태입니다.',
  },
  'NO-ORPHANS': {
    en: 'No row refers to a missing row.',
    ko: '존재하지 않는 행을 참조하는 행이 없습니다.',
  },
  'ORDER-ENDS': {
    en: 'An unpaid order expires soon after its deadline.',
    ko: '결제되지 않은 주문은 기한이 지나면 곧 만료됩니다.',
  },
}

export const lawIds: readonly string[] = Object.keys(sentences)

/** A law in the user's language. An unknown law is shown as the server states it. */
export const lawSentence = (law: string, language: Language, fallback = law): string =>
  sentences[law]?.[language] ?? fallback
