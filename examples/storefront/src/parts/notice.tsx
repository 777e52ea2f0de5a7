import type { ComponentChildren } from 'preact'
import { explained, words } from '../words/words.js'
import type { Action } from './use-action.js'

/** Explains a refusal, with advice. */
export const Refusal = ({ failure, children }: { failure: unknown; children?: ComponentChildren }) => {
  const { what, todo } = explained(failure)
  return (
    <div class="notice bad">
      <p>
        <strong>{what}</strong> {todo}
      </p>
      {children}
    </div>
  )
}

/** The result of an action, announced by screen readers when it changes. */
export const Outcome = ({ action }: { action: Action }) => (
  <div role="status">
    {action.failure !== undefined && <Refusal failure={action.failure} />}
    {action.done !== undefined && (
      <div class="notice good">
        <p>{action.done}</p>
      </div>
    )}
  </div>
)

/** Placeholder for content that is loading, or that failed to load. */
export const Pending = ({ failure, reload }: { failure: unknown; reload: () => Promise<void> }) =>
  failure === undefined ? (
    <p class="soft">{words.value.common.loading}</p>
  ) : (
    <Refusal failure={failure}>
      <button type="button" onClick={() => void reload()}>
        {words.value.common.retry}
      </button>
    </Refusal>
  )
