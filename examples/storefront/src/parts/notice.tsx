import type { ComponentChildren } from 'preact'
import { explained, words } from '../words/words.js'
import type { Action } from './use-action.js'

/** A refusal in the user's words, with what to do. */
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

/** What an action came to, said aloud to a screen reader when it changes. */
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

/** In the place of something that is not there: still loading, or failed. */
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
