import { type ArgumentsHost, Catch, HttpException } from '@nestjs/common'
import { BaseExceptionFilter } from '@nestjs/core'
import { isShopRefusal, isShopUnavailable, isStoreError, type RefusalCode } from '@shop/core'

/** Everything else that the shop refuses is a bad request. */
const statuses: Partial<Record<RefusalCode, number>> = {
  ORDER_NOT_FOUND: 404,
  PRODUCT_NOT_FOUND: 404,
  ORDER_NOT_PENDING: 409,
  STOCK_INSUFFICIENT: 409,
  BALANCE_INSUFFICIENT: 402,
}

const translated = (error: unknown): unknown => {
  if (isShopRefusal(error)) return new HttpException(error.refusal, statuses[error.code] ?? 400)
  if (isShopUnavailable(error) || (isStoreError(error) && error.isRetryable)) {
    return new HttpException({ code: 'UNAVAILABLE' }, 503)
  }
  return error
}

/**
 * The shop's errors as Nest's. It catches everything and asks what it is, because `@Catch(ShopRefusal)` would go by
 * `instanceof`, and miss refusals where two copies of the package are installed.
 */
@Catch()
export class ShopErrorsFilter extends BaseExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost): void {
    super.catch(translated(error), host)
  }
}
