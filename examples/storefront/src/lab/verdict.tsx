import { Mark } from '../parts/mark.js'
import { number, words } from '../words/words.js'
import { oversoldIn, type Rush, type RushRun, soldIn } from './results.js'

interface ResultProps {
  readonly run: RushRun
  readonly rush: Rush
}

/** One figure of a result, and what it counts. */
const Figure = ({ value, text, tone = '' }: { value: string; text: string; tone?: '' | 'bad' }) => (
  <span class={`result-figure ${tone}`}>
    <b>{value}</b> {text}
  </span>
)

/** "100 sold · 0 oversold · 4,900 turned away · 217 ms". Nothing is measured yet: dashes. */
const ResultLine = ({ run, rush: { kind, quantity } }: ResultProps) => {
  const { result, ms } = words.value.lab
  const isWaiting = run.state === 'waiting'
  const shown = (value: number) => (isWaiting ? '–' : number(value))
  const oversold = oversoldIn(run, quantity)
  return (
    <p class="result-line">
      <Figure value={shown(soldIn(run))} text={result.sold[kind]} />
      <Figure value={shown(oversold)} text={result.oversold[kind]} tone={oversold > 0 ? 'bad' : ''} />
      <Figure value={shown(run.refused)} text={result.refused} />
      <Figure value={shown(run.elapsedMs)} text={ms('').trim()} />
    </p>
  )
}

const isSound = (run: RushRun, rush: Rush): boolean =>
  oversoldIn(run, rush.quantity) === 0 &&
  rush.proofs.every(({ mode, holds }) => holds || (mode !== run.mode && mode !== null))

/** Where a run was measured, or how it works. */
const Where = ({ run, rush }: ResultProps) => {
  const { lab } = words.value
  const at = number(rush.concurrency)
  return (
    <p class="soft">
      {lab.where[run.mode === 'http' ? 'http' : 'inside'](at)}
      {run.unavailable > 0 && ` · ${lab.result.unavailable(number(run.unavailable))}`}
    </p>
  )
}

const HowItWorks = ({ run }: { run: RushRun }) => {
  const { how } = words.value.lab
  const connections = run.connections === 0 ? '–' : number(run.connections)
  const text = how[run.mode]
  return <p class="soft how">{typeof text === 'function' ? text(connections) : text}</p>
}

const RunResult = ({ run, rush, isLead }: ResultProps & { readonly isLead: boolean }) => {
  const { lab } = words.value
  return (
    <li class={isLead ? 'result lead-result' : 'result'} aria-label={lab.modes[run.mode]}>
      <div class="result-name">
        <span class="result-mark">{rush.state === 'done' && <Mark holds={isSound(run, rush)} />}</span>
        <h3>{lab.modes[run.mode]}</h3>
        {run.state === 'waiting' && <span class="soft">{lab.waiting}</span>}
      </div>
      <ResultLine run={run} rush={rush} />
      {isLead && <Where run={run} rush={rush} />}
      <HowItWorks run={run} />
    </li>
  )
}

/** The result of each run of a rush: what was sold, what was sold too much, who was turned away, and how long it took. */
export const Verdict = ({ rush }: { rush: Rush }) => (
  <section class="card verdict" aria-label={words.value.lab.verdict}>
    <h2 class="hidden">{words.value.lab.verdict}</h2>
    <ul class="results">
      {rush.runs.map((run, index) => (
        <RunResult key={run.mode} run={run} rush={rush} isLead={index === 0} />
      ))}
    </ul>
  </section>
)
