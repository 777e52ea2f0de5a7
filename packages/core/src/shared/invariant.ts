/** A broken assumption inside this library: always a bug, never part of an answer. */
export class InvariantViolated extends Error {
  override readonly name = 'InvariantViolated'
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantViolated(message)
}
