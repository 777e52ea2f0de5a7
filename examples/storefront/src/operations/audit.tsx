import { Mark } from '../parts/mark.js'
import { Pending } from '../parts/notice.js'
import { useLoad } from '../parts/use-load.js'
import { shop } from '../state/session.js'
import { language } from '../state/settings.js'
import { lawIds, lawSentence } from '../words/laws.js'
import { time, words } from '../words/words.js'

/** Every law, with its violations. */
export const Audit = () => {
  const { operations } = words.value
  const { data, failure, isLoading, reload } = useLoad(() => shop.get('/api/admin/audit'), [])
  return (
    <section class="card">
      <header class="split">
        <h2>{operations.audit}</h2>
        <button type="button" disabled={isLoading} onClick={() => void reload()}>
          {operations.run}
        </button>
      </header>
      <p class="soft">{operations.auditHint}</p>
      {data ? (
        <>
          <div role="status" class={data.ok ? 'notice good' : 'notice bad'}>
            <p>
              <strong>{data.ok ? operations.allHold : operations.violations(data.violations.length)}</strong>{' '}
              {operations.checkedAt(time(data.checkedAt))}
            </p>
          </div>
          <ul class="proofs two">
            {lawIds.map((law) => {
              const violations = data.violations.filter((violation) => violation.law === law)
              return (
                <li key={law}>
                  <Mark holds={violations.length === 0} />
                  <div>
                    <p>{lawSentence(law, language.value)}</p>
                    <p class="soft numbers">
                      <code>{law}</code>
                      {violations.map(({ subject, expected, actual }) => (
                        <span key={subject}>
                          {subject}: {JSON.stringify(actual)} ≠ {JSON.stringify(expected)}
                        </span>
                      ))}
                    </p>
                  </div>
                </li>
              )
            })}
          </ul>
        </>
      ) : (
        <Pending failure={failure} reload={reload} />
      )}
    </section>
  )
}
