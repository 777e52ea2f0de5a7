import type { Rush } from '../state/api.js'
import { language } from '../state/settings.js'
import { lawSentence } from '../words/laws.js'
import { money, number, words } from '../words/words.js'

type Proof = Rush['proofs'][number]
type NumberName = keyof typeof words.value.lab.numbers

const isMoney = new Set(['charged', 'balances', 'paid'])

/** An icon, with a text for screen readers. */
export const Mark = ({ holds }: { holds: boolean }) => (
  <span class={holds ? 'mark-sign good' : 'mark-sign bad'}>
    <span aria-hidden="true">{holds ? '✓' : '✗'}</span>
    <span class="hidden">{holds ? words.value.lab.holds : words.value.lab.breaks}</span>
  </span>
)

const ProofItem = ({ proof, hasBoth }: { proof: Proof; hasBoth: boolean }) => {
  const { lab } = words.value
  const mode = proof.mode && hasBoth ? `${lab.modes[proof.mode]}: ` : ''
  return (
    <li>
      <Mark holds={proof.holds} />
      <div>
        <p>{lab.proofs[proof.proof]}</p>
        <p class="soft numbers">
          {mode}
          {Object.entries(proof.numbers).map(([name, value]) => (
            <span key={name}>
              {lab.numbers[name as NumberName] ?? name} <b>{isMoney.has(name) ? money(value) : number(value)}</b>
            </span>
          ))}
        </p>
      </div>
    </li>
  )
}

const Faster = ({ rush }: { rush: Rush }) => {
  const [grouped, single] = ['grouped', 'one-by-one'].map((mode) => rush.runs.find((run) => run.mode === mode))
  if (!grouped || !single || single.answersPerSecond === 0) return null
  return <p class="verdict">{words.value.lab.verdict(number(grouped.answersPerSecond / single.answersPerSecond))}</p>
}

/** The result of a rush: its sums and every law, with their numbers. */
export const Verdict = ({ rush }: { rush: Rush }) => {
  const { lab } = words.value
  const allHold = rush.proofs.every(({ holds }) => holds) && rush.laws.every(({ broken }) => broken === 0)
  return (
    <section class="card" aria-label={lab.laws}>
      <h2>{lab.laws}</h2>
      <div class={allHold ? 'notice good' : 'notice bad'}>
        <p>{allHold ? lab.allHold : lab.broken}</p>
      </div>
      <Faster rush={rush} />
      <p class="soft">{lab.lawsHint}</p>
      <ul class={rush.runs.length > 1 ? 'proofs two' : 'proofs'}>
        {rush.proofs.map((proof) => (
          <ProofItem key={`${proof.proof} ${proof.mode}`} proof={proof} hasBoth={rush.runs.length > 1} />
        ))}
      </ul>
      <h3>{lab.shopLaws}</h3>
      <ul class="proofs two">
        {rush.laws.map(({ law, sentence, checked, broken }) => (
          <li key={law}>
            <Mark holds={broken === 0} />
            <div>
              <p>{lawSentence(law, language.value, sentence)}</p>
              <p class="soft numbers">
                <code>{law}</code>
                <span>{broken === 0 ? lab.checked(number(checked)) : lab.brokenCount(number(broken))}</span>
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
