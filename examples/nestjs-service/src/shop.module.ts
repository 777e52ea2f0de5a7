import 'reflect-metadata'
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common'
import { createShop, type Shop, type Store } from '@shop/core'

/** What others inject: `@Inject(SHOP) private readonly shop: Shop`. */
export const SHOP = Symbol('shop')

/** The shop as a provider. It is closed with the application; the store belongs to whoever opened it. */
@Module({})
export class ShopModule implements OnApplicationShutdown {
  constructor(@Inject(SHOP) private readonly shop: Shop) {}

  static on(store: Store): DynamicModule {
    const provider = { provide: SHOP, useFactory: () => createShop({ store }) }
    return { module: ShopModule, global: true, providers: [provider], exports: [SHOP] }
  }

  onApplicationShutdown(): Promise<void> {
    return this.shop.close()
  }
}
