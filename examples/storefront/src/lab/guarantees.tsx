import { Mark } from '../parts/mark.js'
import { language } from '../state/settings.js'
import { lawSentence } from '../words/laws.js'
import { money, number, words } from '../words/words.js'
import type { Rush } from './results.js'

type Proof = Rush['proofs'][number]
type NumberName = keyof typeof words.value.lab.numbers

const isMoney = new Set(['charged', 'balances', 'paid'])

const ProofItem = ({ proof, hasSeveral }: { proof: Proof; hasSeveral: boolean }) => {
  const { lab } = words.value
  const mode = proof.mode && hasSeveral ? `${lab.modes[proof.mode]}: ` : ''
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

const All = ({ rush: { proofs, laws } }: { rush: Rush }) => {
  const { lab } = words.value
  const hasSeveral = new Set(proofs.map(({ mode }) => mode).filter(Boolean)).size > 1
  return (
    <>
      <h3>{lab.sums}</h3>
      <ul class="proofs two">
        {proofs.map((proof) => (
          <ProofItem key={`${proof.proof} ${proof.mode}`} proof={proof} hasSeveral={hasSeveral} />
        ))}
      </ul>
      <h3>{lab.shopLaws}</h3>
      <ul class="proofs two">
        {laws.map(({ law, sentence, checked, broken }) => (
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
    </>
  )
}

/** The sums of a rush and every law of the shop: one line if all hold, else unfolded. */
export const Guarantees = ({ rush }: { rush: Rush }) => {
  const { lab } = words.value
  const { proofs, laws } = rush
  const allHold = proofs.every(({ holds }) => holds) && laws.every(({ broken }) => broken === 0)
  const checks = laws.reduce((sum, { checked }) => sum + checked, 0)
  const isChecked = rush.state === 'done'
  return (
    <section class="card" aria-label={lab.laws}>
      <h2>{lab.laws}</h2>
      <div class={isChecked ? (allHold ? 'notice good' : 'notice bad') : 'notice none'}>
        <p>
          {!isChecked
            ? lab[rush.state === 'failed' ? 'lawsUnchecked' : 'lawsLater']
            : allHold
              ? lab.allHold(number(proofs.length), number(laws.length), number(checks))
              : lab.broken}
        </p>
      </div>
      {isChecked ? (
        <details open={!allHold}>
          <summary>{lab.show}</summary>
          <p class="soft">{lab.lawsHint}</p>
          <All rush={rush} />
        </details>
      ) : (
        <p class="soft">{lab.lawsHint}</p>
      )}
    </section>
  )
}
