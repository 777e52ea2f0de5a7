/** A bar that shows an amount as a share of a whole. The text beside it says the same: screen readers read that. */
export const Gauge = ({ value, of }: { value: number; of: number }) => (
  <div class="gauge" aria-hidden="true">
    <span style={{ inlineSize: `${Math.min(100, (value / Math.max(1, of)) * 100)}%` }} />
  </div>
)
