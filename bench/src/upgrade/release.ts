import { Child } from '../processes/child.js'
import type { LoadOptions, LoadReport, ReleaseAnswer, ReleaseQuestion, Sent } from './questions.js'

type AnswerTo<K extends ReleaseAnswer['kind']> = Extract<ReleaseAnswer, { readonly kind: K }>

/** A process that runs one release. */
export class Release {
  readonly #child: Child<ReleaseQuestion, ReleaseAnswer>

  constructor(checkout: string, url: string, name: string) {
    this.#child = new Child('upgrade-process', { checkout, url, name })
  }

  /** Resolves with the statements that it sent. */
  async migrate(): Promise<readonly Sent[]> {
    const { statements, pending } = await this.#ask({ kind: 'migrate' }, 'migrated')
    if (pending.length > 0) throw new Error(`not migrated to the end: ${pending.join(', ')}`)
    return statements
  }

  async start(load: LoadOptions): Promise<void> {
    await this.#ask({ kind: 'start', ...load }, 'started')
  }

  async end(): Promise<LoadReport> {
    const report = await this.#ask({ kind: 'stop' }, 'stopped')
    await this.stop()
    return report
  }

  async audit(): Promise<readonly string[]> {
    return (await this.#ask({ kind: 'audit' }, 'audited')).violations
  }

  kill(): void {
    process.kill(this.#child.pid, 'SIGKILL')
  }

  stop(): Promise<void> {
    return this.#child.stop()
  }

  async #ask<K extends ReleaseAnswer['kind']>(question: ReleaseQuestion, kind: K): Promise<AnswerTo<K>> {
    const answer = await this.#child.ask(question)
    if (answer.kind !== kind) throw new Error(`${answer.kind} instead of ${kind}`)
    return answer as AnswerTo<K>
  }
}
