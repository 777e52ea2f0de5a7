import { type ArgumentsHost, Catch, HttpException } from '@nestjs/common'
import { BaseExceptionFilter } from '@nestjs/core'
import { isShopRefusal, isShopUnavailable, isStoreError, type RefusalCode } from '@shop/core'

/** Every other refusal of the shop is a bad request. */
const statuses: Partial<Record<RefusalCode, number>> = {
  ORDER_NOT_FOUND: 404,
  PRODUCT_NOT_FOUND: 404,
  ORDER_NOT_PENDING: 409,
  STOCK_INSUFFICIENT: 409,
  BALANCE_INSUFFICIENT: 402,
  REFERENCE_REUSED: 422,
}

const translated = (error: unknown): unknown => {
  if (isShopRefusal(error)) return new HttpException(error.refusal, statuses[error.code] ?? 400)
  if (isShopUnavailable(error) || (isStoreError(error) && error.isRetryable)) {
    return new HttpException({ code: 'UNAVAILABLE' }, 503)
  }
  return error
}

/**
 * Maps the shop's errors to Nest's. It catches everything, because `@Catch(ShopRefusal)` uses `instanceof` and
 * misses refusals if two copies of the package are installed.
 */
@Catch()
export class ShopErrorsFilter extends BaseExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost): void {
    super.catch(translated(error), host)
  }
}
