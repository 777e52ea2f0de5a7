import type { ComponentChildren } from 'preact'

interface FoldTableProps {
  /** The class that says how its rows fold. */
  readonly name: string
  readonly isBusy?: boolean
  readonly children: ComponentChildren
}

/** A table whose rows fold into several lines where it has little room. Cells then show their `data-label`. */
export const FoldTable = ({ name, isBusy = false, children }: FoldTableProps) => (
  <div class="fit">
    <table class={`fold ${name}`} aria-busy={isBusy}>
      {children}
    </table>
  </div>
)
