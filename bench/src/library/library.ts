import type { DriveOptions } from '../figures/drive.js'
import { Child, type ChildOptions } from '../processes/child.js'
import type { LibraryAnswer, LibraryOptions, LibraryQuestion, LibraryRun } from './questions.js'
import type { Share, WorkloadName } from './workloads.js'

type AnswerTo<K extends LibraryQuestion['kind']> = Extract<LibraryAnswer, { readonly kind: K }>

/** The shop as a library, in a separate process together with its callers. */
export class Library {
  readonly #child: Child<LibraryQuestion, LibraryAnswer>

  constructor(options: LibraryOptions, child?: ChildOptions) {
    this.#child = new Child('library-process', options, child)
  }

  get pid(): number {
    return this.#child.pid
  }

  ask<Q extends LibraryQuestion>(question: Q): Promise<AnswerTo<Q['kind']>> {
    return this.#child.ask(question) as Promise<AnswerTo<Q['kind']>>
  }

  run(workload: WorkloadName, options: DriveOptions & { readonly share?: Share | undefined }): Promise<LibraryRun> {
    return this.ask({ kind: 'run', workload, ...options })
  }

  /** Throws if a law of the shop is broken, because its figures would be worthless. Resolves with its milliseconds. */
  async audit(): Promise<number> {
    const { ms, violations } = await this.ask({ kind: 'audit' })
    if (violations.length > 0) throw new Error(`laws were broken: ${violations.join(' ')}`)
    return ms
  }

  stop(): Promise<void> {
    return this.#child.stop()
  }
}
