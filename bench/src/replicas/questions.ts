import type { Drive, DriveOptions } from '../figures/drive.js'

export interface ShopOptions {
  readonly primary: string
  /** @default lists are read on the primary */
  readonly replica?: string | undefined
  /** Number of users to use. */
  readonly users: number
}

/** Pages of the product list, or charges; or whether the replica takes reads by now. */
export type ShopQuestion = ({ readonly kind: 'lists' | 'charges' } & DriveOptions) | { readonly kind: 'warm' }

export interface ShopAnswer extends Drive {
  /** How many lists the primary has answered although there is a replica. */
  readonly fromPrimary: number
}
