import { Mark } from '../parts/mark.js'
import { Pending } from '../parts/notice.js'
import { useLoad } from '../parts/use-load.js'
import type { AuditReport } from '../state/api.js'
import { shop } from '../state/session.js'
import { language } from '../state/settings.js'
import { lawIds, lawSentence } from '../words/laws.js'
import { number, roughly, time, words } from '../words/words.js'

/** Violations of one law that are listed; the others are counted. */
const maxListed = 5

type Counts = AuditReport['checked']

const countNames = ['wallets', 'entries', 'orders', 'products', 'coupons', 'issuedCoupons'] as const

const countsText = (checked: Counts): string => {
  const { counts } = words.value.catalog.audit
  return countNames.map((name) => counts[name](roughly(checked[name]), checked[name])).join(', ')
}

const Law = ({ law, violations }: { law: string; violations: AuditReport['violations'] }) => {
  const { audit } = words.value.catalog
  return (
    <li>
      <Mark holds={violations.length === 0} />
      <div>
        <p>{lawSentence(law, language.value)}</p>
        <p class="soft">
          <code>{law}</code>
        </p>
        {violations.length > 0 && (
          <div class="violations">
            {violations.slice(0, maxListed).map(({ subject, expected, actual }) => (
              <p key={subject}>
                <code>{subject}</code>: {audit.expected} <code>{JSON.stringify(expected)}</code>, {audit.actual}{' '}
                <code>{JSON.stringify(actual)}</code>
              </p>
            ))}
            {violations.length > maxListed && <p>{audit.more(violations.length - maxListed)}</p>}
          </div>
        )}
      </div>
    </li>
  )
}

const Laws = ({ report }: { report: AuditReport }) => {
  const violationsOf = (law: string) => report.violations.filter((violation) => violation.law === law)
  // A server that is newer than the page may know more laws. Broken ones come first.
  const laws = [...new Set([...report.violations.map(({ law }) => law), ...lawIds])]
  return (
    <ul class="proofs two">
      {laws.map((law) => (
        <Law key={law} law={law} violations={violationsOf(law)} />
      ))}
    </ul>
  )
}

const Verdict = ({ report: { ok, checked, checkedAt, violations } }: { report: AuditReport }) => {
  const { operations, catalog } = words.value
  const broken = new Set(violations.map(({ law }) => law)).size
  return (
    <>
      <Mark holds={ok} />
      <p>
        {countsText(checked)}, <strong>{catalog.audit.violations(number(violations.length), violations.length)}</strong>
        <span class="soft line">
          {ok ? operations.allHold : catalog.audit.broken(broken)} · {operations.checkedAt(time(checkedAt))}
        </span>
      </p>
    </>
  )
}

/** What the audit has checked and found, in one line. The laws unfold, and do so by themselves if one is broken. */
export const Audit = () => {
  const { operations, catalog } = words.value
  const { data, failure, isLoading, reload } = useLoad(() => shop.get('/api/admin/audit'), [])
  return (
    <section class="card audit" aria-busy={isLoading}>
      <header class="split">
        <h2>{operations.audit}</h2>
        <button type="button" aria-disabled={isLoading} onClick={() => !isLoading && void reload()}>
          {isLoading ? catalog.audit.running : operations.run}
        </button>
      </header>
      {failure === undefined ? (
        <>
          <div role="status" class={`verdict-line ${data ? (data.ok ? 'good' : 'bad') : ''}`}>
            {data && <Verdict report={data} />}
          </div>
          <details key={data?.checkedAt} open={data?.ok === false}>
            <summary>{catalog.audit.laws(lawIds.length)}</summary>
            <p class="soft">{operations.auditHint}</p>
            {data && <Laws report={data} />}
          </details>
        </>
      ) : (
        <Pending failure={failure} reload={reload} />
      )}
    </section>
  )
}
