import { Mark } from '../parts/mark.js'
import { number, words } from '../words/words.js'
import type { Rush } from './results.js'

const names = ['A', 'B'] as const

/** What each of two servers sold of one stock, and whether it adds up to what the database holds. */
export const Race = ({ rush }: { rush: Rush }) => {
  const { race } = words.value.lab
  const run = rush.runs.find(({ mode }) => mode === 'two-servers')
  if (!run) return null
  const [first = 0, second = 0] = run.wonByServer
  const end = Math.max(1, Math.min(rush.quantity, rush.buyers))
  const isExact = first + second === run.sold
  return (
    <section class="card" aria-label={race.title}>
      <h2>{race.title}</h2>
      <div class="race">
        {[first, second].map((sold, index) => (
          <div key={names[index]} class={`server server-${index + 1}`}>
            <span>{race.server(names[index] ?? '')}</span>
            <b class="figure">{number(sold)}</b>
          </div>
        ))}
        <div class="race-bar" aria-hidden="true">
          <i class="bar tone-1" style={`inline-size: ${(100 * first) / end}%`} />
          <i class="bar tone-2" style={`inline-size: ${(100 * second) / end}%`} />
        </div>
        <div class="race-scale" aria-hidden="true">
          <span>0</span>
          <span>{race.units[rush.kind]}</span>
          <span>{number(end)}</span>
        </div>
      </div>
      <p class="race-sum">
        {run.sold === null ? (
          <span class="soft">{race.counting}</span>
        ) : (
          <>
            <Mark holds={isExact} /> <b>{race.sum(number(first), number(second), number(run.sold))}</b>{' '}
            <span class="soft">{isExact ? race.exact : race.wrong}</span>
          </>
        )}
      </p>
    </section>
  )
}
