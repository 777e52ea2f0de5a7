/** A bar that shows an amount as a share of a whole. */
export const Meter = ({ label, value, of, tone = 1 }: { label: string; value: number; of: number; tone?: 1 | 2 }) => (
  <meter class={`tone-${tone}`} aria-label={label} min={0} max={Math.max(1, of)} value={Math.max(0, value)} />
)
