import { describe, expect, it } from 'vitest'
import { coalesce, StoreError } from '../../src/store.js'
import { turn } from './held-store.js'

/** A reader whose reads and pauses end when the test ends them. */
const held = () => {
  const pauses: (() => void)[] = []
  const timer = {
    pause: (ms: number) => {
      expect(ms).toBe(100)
      return new Promise<void>((resolve) => pauses.push(resolve))
    },
  }
  /** A tenth of a second passes. */
  const wait = async () => {
    for (const end of pauses.splice(0)) end()
    await turn()
  }
  const reads: { readonly asked: readonly string[]; readonly end: (error?: unknown) => Promise<void> }[] = []
  const read = coalesce<string, string>(
    (asked) =>
      new Promise((resolve, reject) => {
        reads.push({
          asked,
          end: async (error) => {
            if (error === undefined) resolve((question) => `${question}!`)
            else reject(error)
            await turn()
          },
        })
      }),
    timer,
  )
  return { reads, read, pauses, wait }
}

describe('coalesced reads', () => {
  it('run at once for the first caller, and once for all callers that arrive meanwhile', async () => {
    const { reads, read } = held()
    const first = read('a')
    expect(reads.map(({ asked }) => asked)).toEqual([['a']])
    const others = [read('b'), read('c'), read('b')]
    await reads[0]?.end()
    expect(await first).toBe('a!')
    expect(reads.map(({ asked }) => asked)).toEqual([['a'], ['b', 'c', 'b']])
    await reads[1]?.end()
    expect(await Promise.all(others)).toEqual(['b!', 'c!', 'b!'])
  })

  it('never return data read before the question was asked', async () => {
    let stored = 'old'
    let end = () => {}
    const read = coalesce<string, string>(async () => {
      const seen = stored
      await new Promise<void>((resolve) => {
        end = resolve
      })
      return () => seen
    })
    const early = read('a')
    stored = 'new'
    const late = read('a')
    end()
    expect(await early).toBe('old')
    await turn()
    end()
    expect(await late).toBe('new')
  })

  it('fail together if the store is unavailable, and recover afterwards', async () => {
    const { reads, read } = held()
    void read('a')
    const failing = Promise.allSettled([read('b'), read('c')])
    await reads[0]?.end()
    await reads[1]?.end(new StoreError('unavailable', 'away'))
    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(reads).toHaveLength(2)
    const next = read('d')
    await reads[2]?.end()
    expect(await next).toBe('d!')
  })

  it('fail alone if the store rejects one question', async () => {
    const read = coalesce<string, string>(async (asked) => {
      await turn()
      if (asked.includes('bad')) throw new StoreError('rejected', 'bad is no key')
      return (question) => `${question}!`
    })
    const answers = await Promise.allSettled(['a', 'b', 'bad', 'c'].map(read))
    expect(answers.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.message))).toEqual([
      'a!',
      'b!',
      'bad is no key',
      'c!',
    ])
  })

  it('bypass a stuck read, up to four at once, and run one at a time after it ends', async () => {
    const { reads, read, pauses, wait } = held()
    const answers = [read('a')]
    expect(pauses).toHaveLength(0)
    for (const question of ['b', 'c', 'd', 'e']) {
      answers.push(read(question))
      await turn()
      expect(reads.at(-1)?.asked).not.toEqual([question])
      await wait()
    }
    expect(reads.map(({ asked }) => asked)).toEqual([['a'], ['b'], ['c'], ['d']])
    await reads[1]?.end()
    expect(await answers[1]).toBe('b!')
    await wait()
    expect(reads.at(-1)?.asked).toEqual(['e'])
    for (const { end } of reads) await end()
    expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!', 'd!', 'e!'])

    answers.push(read('f'), read('g'))
    expect(reads.slice(5).map(({ asked }) => asked)).toEqual([['f']])
    await reads[5]?.end()
    await wait()
    await reads[6]?.end()
    expect(await Promise.all(answers.slice(5))).toEqual(['f!', 'g!'])
  })

  it('run one at a time while reads end in time, or if the timer is broken', async () => {
    const { reads, read, wait } = held()
    const answers = ['a', 'b', 'c'].map(read)
    await reads[0]?.end()
    answers.push(read('d'))
    await wait()
    expect(reads.map(({ asked }) => asked)).toEqual([['a'], ['b', 'c']])
    await reads[1]?.end()
    await reads[2]?.end()
    expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!', 'd!'])

    const broken = coalesce<string, string>(
      async () => {
        await turn()
        return (question) => `${question}!`
      },
      {
        pause() {
          throw new Error('broken')
        },
      },
    )
    expect(await Promise.all(['a', 'b'].map(broken))).toEqual(['a!', 'b!'])
  })
})
