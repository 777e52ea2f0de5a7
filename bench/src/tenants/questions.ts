import type { Drive } from '../figures/drive.js'
import type { StagedShop } from './stage.js'

/** What a process with many shops is started with. */
export interface TenantsOptions {
  readonly databases: { readonly a: string; readonly b: string }
  readonly shops: readonly StagedShop[]
  readonly secret: string
}

export type TenantsQuestion =
  /** Opens all shops, and measures what they take. */
  | { readonly kind: 'open' }
  /** Gives shops a product to sell. */
  | { readonly kind: 'prepare'; readonly shopIds: readonly string[] }
  /** Callers, spread over shops, place orders. */
  | { readonly kind: 'orders'; readonly shopIds: readonly string[]; readonly callers: number; readonly ms: number }

export type TenantsAnswer =
  /** Memory in bytes. */
  | {
      readonly kind: 'opened'
      readonly heapPerShop: number
      readonly residentPerShop: number
      readonly msPerShop: number
    }
  | { readonly kind: 'prepared' }
  | ({ readonly kind: 'ordered' } & Drive)
