/** A broken assumption inside this library: a bug, never an answer to a caller. */
export class InvariantViolated extends Error {
  override readonly name = 'InvariantViolated'
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantViolated(message)
}
