import { type DynamicModule, Module } from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import type { Store } from '@shop/core'
import { OrdersController } from './orders.controller.js'
import { ShopModule } from './shop.module.js'
import { ShopErrorsFilter } from './shop-errors.filter.js'
import { TOKEN_SECRET } from './user.guard.js'

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: Nest knows a module by its class
export class AppModule {
  static on({ store, secret }: { readonly store: Store; readonly secret: Uint8Array }): DynamicModule {
    return {
      module: AppModule,
      imports: [ShopModule.on(store)],
      controllers: [OrdersController],
      providers: [
        { provide: APP_FILTER, useClass: ShopErrorsFilter },
        { provide: TOKEN_SECRET, useValue: secret },
      ],
    }
  }
}
