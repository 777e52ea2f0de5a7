interface Waiting<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Takes those who come while a call is under way into the next one, at most `size` at a time. With nobody waiting a call
 * goes at once. However many come, Redis sees one call at a time for each name. When two calls in a row fail, so does
 * everybody who waits behind them: nobody stands in line for a Redis that is away.
 */
export class Coalescer<Item, Answer> {
  readonly #run: (name: string, items: readonly Item[]) => Promise<readonly Answer[]>
  readonly #size: number
  readonly #queues = new Map<string, Waiting<Item, Answer>[]>()

  constructor(run: (name: string, items: readonly Item[]) => Promise<readonly Answer[]>, size: number) {
    this.#run = run
    this.#size = size
  }

  submit(name: string, item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const waiting = { item, resolve, reject }
      const queue = this.#queues.get(name)
      if (queue) queue.push(waiting)
      else {
        this.#queues.set(name, [waiting])
        void this.#drain(name)
      }
    })
  }

  async #drain(name: string): Promise<void> {
    // Those who come in the same turn go together.
    await Promise.resolve()
    const queue = this.#queues.get(name) ?? []
    let failures = 0
    while (queue.length > 0) {
      const bundle = queue.splice(0, this.#size)
      try {
        const answers = await this.#run(
          name,
          bundle.map(({ item }) => item),
        )
        failures = 0
        for (const [index, { resolve }] of bundle.entries()) resolve(answers[index] as Answer)
      } catch (error) {
        failures += 1
        const failed = failures > 1 ? [...bundle, ...queue.splice(0)] : bundle
        for (const { reject } of failed) reject(error)
      }
    }
    this.#queues.delete(name)
  }
}
