import { createShop, type Shop, type Store } from '@shop/core'
import 'reflect-metadata'
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common'

/** Injection token of the shop: `@Inject(SHOP) private readonly shop: Shop`. */
export const SHOP = Symbol('shop')

/** Provides the shop and closes it with the application. The caller that opened the store closes the store. */
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
