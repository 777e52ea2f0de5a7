export type { components, operations, paths } from './api-types.js'
export { type AnswerOf, type ClientOptions, createShopClient, newIdempotencyKey, type ShopClient } from './client.js'
export { isShopProblem, type ProblemCode, type ProblemDocument, ShopProblem, UnexpectedAnswer } from './problem.js'
export type { Fetch, RetryOptions } from './retry.js'
