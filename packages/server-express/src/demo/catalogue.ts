import type { CreateCoupon, CreateProduct } from '@shop/core'

/** Names in Korean and English, separated by ` · `; prices in won. */
const goods: readonly (readonly [id: string, name: string, price: number, stock: number])[] = [
  ['keyboard', '기계식 키보드 · Mechanical keyboard', 89_000, 120],
  ['mouse', '무선 마우스 · Wireless mouse', 32_000, 200],
  ['monitor', '27인치 모니터 · 27-inch monitor', 289_000, 40],
  ['headphones', '노이즈 캔슬링 헤드폰 · Noise-cancelling headphones', 219_000, 60],
  ['webcam', '웹캠 · Webcam', 54_000, 90],
  ['lamp', '책상 스탠드 · Desk lamp', 27_500, 150],
  ['chair', '사무용 의자 · Office chair', 174_000, 25],
  ['notebook', '가죽 노트 · Leather notebook', 12_000, 300],
  ['pen', '만년필 · Fountain pen', 46_000, 80],
  ['backpack', '노트북 배낭 · Laptop backpack', 68_000, 70],
  ['tumbler', '보온 텀블러 · Insulated tumbler', 19_800, 250],
  ['coffee', '원두커피 1kg · Coffee beans 1 kg', 24_000, 180],
  ['tea', '제주 녹차 · Jeju green tea', 15_000, 160],
  ['honey', '아카시아 꿀 · Acacia honey', 21_000, 110],
  ['kimchi', '포기김치 3kg · Kimchi 3 kg', 29_900, 95],
  ['umbrella', '자동 우산 · Automatic umbrella', 16_500, 140],
  ['socks', '양말 5켤레 · Socks, five pairs', 9_900, 400],
  ['candle', '향초 · Scented candle', 18_000, 130],
  ['yoga-mat', '요가 매트 · Yoga mat', 25_000, 75],
  ['last-one', '한정판 피규어 · Limited figure', 150_000, 1],
]

const validFrom = Date.UTC(2026, 0, 1)
const validUntil = Date.UTC(2099, 11, 31)

/** The prices of products in a sale. */
const sales: Readonly<Record<string, number>> = { headphones: 179_000, honey: 16_800 }

const saleOf = (id: string): Pick<CreateProduct, 'sale'> => {
  const price = sales[id]
  return price === undefined ? {} : { sale: { price, from: validFrom, until: validUntil } }
}

export const demoProducts: readonly (CreateProduct & { readonly productId: string })[] = goods.map(
  ([id, name, price, stock]) => ({ productId: `demo-${id}`, name, price, stock, ...saleOf(id) }),
)

/** What each round of the drop sells, without its id and its hours. */
export const demoDrop: CreateProduct = {
  name: '한정판 스니커즈 · Limited sneakers',
  price: 129_000,
  stock: 5,
  purchaseLimit: 1,
  // The whole of the page's stock meter, for those who come late.
  metadata: { dropSize: '5' },
}

export const demoCoupons: readonly (CreateCoupon & { readonly couponId: string })[] = [
  {
    couponId: 'demo-welcome',
    name: '신규 가입 축하 · Welcome gift',
    discount: { kind: 'fixed', amount: 5_000 },
    quantity: 1_000,
    validUntil,
    minimumOrderAmount: 20_000,
  },
  {
    couponId: 'demo-ten-percent',
    name: '주말 할인 · Weekend sale',
    discount: { kind: 'percentage', percent: 10, maximum: 10_000 },
    quantity: 500,
    validUntil,
  },
  {
    couponId: 'demo-first-ten',
    name: '선착순 10명 · First ten',
    discount: { kind: 'percentage', percent: 50 },
    quantity: 10,
    validUntil,
  },
  {
    couponId: 'demo-tea-time',
    name: '티타임 · Tea time',
    discount: { kind: 'percentage', percent: 20 },
    quantity: 300,
    validUntil,
    productIds: ['demo-coffee', 'demo-tea', 'demo-honey', 'demo-tumbler'],
  },
  {
    couponId: 'demo-friends',
    name: '친구 초대 · For friends',
    discount: { kind: 'fixed', amount: 7_000 },
    quantity: 200,
    validUntil,
    code: 'HELLO-FRIEND',
  },
]

export const administratorId = 'administrator'

export const demoUsers = ['demo-mina', 'demo-jun', 'demo-sora'] as const

/** Initial balance of each demo user, if the policies allow that much. */
export const demoBalance = 500_000
