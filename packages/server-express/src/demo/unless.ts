import { isShopRefusal, type RefusalCode } from '@shop/core'

/** Resolves with undefined if the call is refused with this code. */
export const unless = async <T>(code: RefusalCode, call: Promise<T>): Promise<T | undefined> => {
  try {
    return await call
  } catch (error) {
    if (isShopRefusal(error) && error.refusal.code === code) return undefined
    throw error
  }
}
