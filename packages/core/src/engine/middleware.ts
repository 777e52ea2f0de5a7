import type { CommandCall, Outcome } from './outcome.js'

/** Runs one call of a command. Resolves with its outcome, also if that is a refusal. */
export type RunCommand = (call: CommandCall) => Promise<Outcome<unknown>>

/**
 * Wraps every command of a shop: for locks, gates, tracing or quotas. It may change the call, answer without `next`, or
 * throw. A refusal is an outcome (`ok: false`), not an error.
 *
 * It runs once per call of `shop.<noun>.<command>`, `shop.execute` and the jobs of `shop.upkeep`, before the input is
 * checked and before the command queues. It does not run in `shop.within(tx)`, where the caller's transaction already
 * holds its rows: waiting for a lock there could deadlock, and the outcome can still roll back.
 *
 * @example
 * const timed: CommandMiddleware = async (call, next) => {
 *   const startedAt = performance.now()
 *   const outcome = await next(call)
 *   histogram.record(performance.now() - startedAt, { command: call.command.name, ok: outcome.ok })
 *   return outcome
 * }
 */
export type CommandMiddleware = (call: CommandCall, next: RunCommand) => Promise<Outcome<unknown>>

/** The first middleware is the outermost. Without any, this is `run` itself. */
export const composeMiddleware = (middleware: readonly CommandMiddleware[], run: RunCommand): RunCommand =>
  middleware.reduceRight<RunCommand>((next, each) => async (call) => each(call, next), run)
