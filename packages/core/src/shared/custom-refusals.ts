/**
 * Refusal codes of your own, with the facts of each. Declare them once; from then on `refuse`, `isShopRefusal` and the types of
 * outcomes know them. A code is not one of the shop's own.
 *
 * @example
 * declare module '@shop/core' {
 *   interface CustomRefusals {
 *     NOT_A_MEMBER: { userId: string }
 *   }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: hosts add to it
export interface CustomRefusals {}
