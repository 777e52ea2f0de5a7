import type { ComponentChildren } from 'preact'
import type { Explained } from '../words/refusals.js'
import { explained, words } from '../words/words.js'
import type { Action } from './use-action.js'

/** Explains a failure to the one who reads it. */
export type Explain = (failure: unknown) => Explained

interface RefusalProps {
  readonly failure: unknown
  /** @default in the words of a shopper */
  readonly explain?: Explain | undefined
  /** Whether it is no bad news. @default false */
  readonly isMild?: boolean
  readonly children?: ComponentChildren
}

/** Explains a refusal, with advice. */
export const Refusal = ({ failure, explain = explained, isMild = false, children }: RefusalProps) => {
  const { what, todo } = explain(failure)
  return (
    <div class={isMild ? 'notice mild' : 'notice bad'}>
      <p>
        <strong>{what}</strong> {todo}
      </p>
      {children}
    </div>
  )
}

interface OutcomeProps {
  readonly action: Action
  readonly explain?: Explain
  /** What the user can do after the action. */
  readonly children?: ComponentChildren
}

/** The result of an action, announced by screen readers when it changes. */
export const Outcome = ({ action, explain, children }: OutcomeProps) => (
  <div role="status">
    {action.failure !== undefined && <Refusal failure={action.failure} explain={explain} />}
    {action.done !== undefined && (
      <div class="notice good">
        <p>{action.done}</p>
        {children}
      </div>
    )}
  </div>
)

interface PendingProps {
  readonly failure: unknown
  readonly reload: () => Promise<void>
  readonly explain?: Explain
}

/** Placeholder for content that is loading, or that failed to load. */
export const Pending = ({ failure, reload, explain }: PendingProps) =>
  failure === undefined ? (
    <p class="soft">{words.value.common.loading}</p>
  ) : (
    <Refusal failure={failure} explain={explain}>
      <button type="button" onClick={() => void reload()}>
        {words.value.common.retry}
      </button>
    </Refusal>
  )
