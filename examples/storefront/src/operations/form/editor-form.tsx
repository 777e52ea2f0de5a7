import type { ComponentChildren } from 'preact'
import type { FormProblems } from './use-problems.js'

interface EditorFormProps {
  readonly class: string
  /** The problems of its fields: the form lets the first wrong field take the focus. */
  readonly problems: Pick<FormProblems<string>, 'form'>
  readonly onSubmit: () => Promise<void>
  readonly children: ComponentChildren
}

/** A form of the operator. It shows its problems itself, instead of the browser. */
export const EditorForm = ({ class: name, problems, onSubmit, children }: EditorFormProps) => (
  <form
    class={name}
    ref={problems.form}
    noValidate
    onSubmit={(event) => {
      event.preventDefault()
      void onSubmit()
    }}
  >
    {children}
  </form>
)
