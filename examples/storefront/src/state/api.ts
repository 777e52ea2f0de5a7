import { type components, createShopClient, type ShopClient } from '@shop/server-express/client'
import { language } from './settings.js'

type Schemas = components['schemas']
export type Product = Schemas['Product']
export type Drops = Schemas['Drops']
export type ClaimableCoupon = Schemas['ClaimableCoupon']
export type Order = Schemas['Order']
export type Refund = NonNullable<Order['refunds']>[number]
export type Quote = Schemas['Quote']
export type Balance = Schemas['Balance']
export type Lot = NonNullable<Balance['bonus']>[number]
export type Entry = Schemas['BalanceEntry']
export type UserEntry = Schemas['UserEntry']
export type Statement = Schemas['Statement']
export type AuditReport = Schemas['AuditReport']
export type AdminProduct = Schemas['AdminProduct']
export type Coupon = Schemas['Coupon']
export type OwnedCoupon = Schemas['OwnedCoupon']
export type Discount = Schemas['Discount']
export type Demo = Schemas['Demo']
export type SignedIn = Schemas['SignedIn']

/** The base path of the page: the server may be mounted under another path. */
export const baseUrl = location.pathname.replace(/\/[^/]*$/, '')

/** A client that sends this token, by this `fetch`. */
export const clientOf = (
  token: () => string | null | undefined,
  fetch?: (request: Request) => Promise<Response>,
): ShopClient => createShopClient({ baseUrl, token: () => token() ?? undefined, language: () => language.value, fetch })
