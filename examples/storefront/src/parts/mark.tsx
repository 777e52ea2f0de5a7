import { words } from '../words/words.js'

/** An icon, with a text for screen readers. */
export const Mark = ({ holds }: { holds: boolean }) => (
  <span class={holds ? 'mark-sign good' : 'mark-sign bad'}>
    <span aria-hidden="true">{holds ? '✓' : '✗'}</span>
    <span class="hidden">{holds ? words.value.lab.holds : words.value.lab.breaks}</span>
  </span>
)
