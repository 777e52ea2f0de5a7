import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answer } from './messages.js'

export interface ChildOptions {
  /** Folder for a CPU profile, written when the process ends. */
  readonly profileFolder?: string | undefined
  /** Options of Node. */
  readonly nodeOptions?: readonly string[] | undefined
}

/** A child process that responds to messages one by one. */
export class Child<Q, A> {
  readonly #process: ChildProcess
  readonly #ended: Promise<string>
  #number = 0

  /** `name` is an entry of this package's build; `argument` is passed at startup. */
  constructor(name: string, argument: unknown, { profileFolder, nodeOptions = [] }: ChildOptions = {}) {
    const profiling = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]
    this.#process = fork(fileURLToPath(new URL(`./${name}.js`, import.meta.url)), [JSON.stringify(argument)], {
      execArgv: ['--enable-source-maps', ...profiling, ...nodeOptions],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#ended = new Promise((resolve) => {
      this.#process.once('error', (error) => resolve(error.message))
      this.#process.once('exit', (code, signal) => resolve(`${name} ended with ${code ?? signal}`))
    })
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  async ask(question: Q): Promise<A> {
    this.#number += 1
    const number = this.#number
    const answered = new Promise<A>((resolve, reject) => {
      const listen = (message: Answer) => {
        if (message.number !== number) return
        this.#process.off('message', listen)
        if ('error' in message) reject(new Error(message.error))
        else resolve(message.answer as A)
      }
      this.#process.on('message', listen)
    })
    this.#process.send({ number, question })
    return Promise.race([
      answered,
      this.#ended.then((how): never => {
        throw new Error(how)
      }),
    ])
  }

  async stop(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect()
    await this.#ended
  }
}
