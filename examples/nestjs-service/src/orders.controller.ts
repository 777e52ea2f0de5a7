import { Body, Controller, Get, HttpCode, Inject, Param, Post, UseGuards } from '@nestjs/common'
import type { Demand, OrderView, PaymentView, Shop } from '@shop/core'
import { SHOP } from './shop.module.js'
import { UserGuard, UserId } from './user.guard.js'

interface OrderBody {
  readonly products?: readonly Demand[]
  readonly couponId?: string
  /** The client's own name for the order. Sent again, it gets the same order, and not a second one. */
  readonly reference?: string
}

/** The shop validates its input: an invalid order is refused as INVALID_REQUEST, with the invalid fields. */
@Controller('orders')
@UseGuards(UserGuard)
export class OrdersController {
  constructor(@Inject(SHOP) private readonly shop: Shop) {}

  @Post()
  place(@UserId() userId: string, @Body() { products = [], couponId, reference }: OrderBody = {}): Promise<OrderView> {
    return this.shop.orders.place({ userId, products, couponId, reference })
  }

  @Get(':orderId')
  get(@UserId() userId: string, @Param('orderId') orderId: string): Promise<OrderView> {
    return this.shop.orders.get({ orderId, userId })
  }

  @Post(':orderId/payment')
  @HttpCode(200)
  pay(@UserId() userId: string, @Param('orderId') orderId: string): Promise<PaymentView> {
    return this.shop.payments.pay({ userId, orderId })
  }
}
