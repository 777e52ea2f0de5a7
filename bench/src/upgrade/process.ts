import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { answerParent, argumentOfParent } from '../processes/answer-parent.js'
import { Load } from './load.js'
import type { ReleaseAnswer, ReleaseOptions, ReleaseQuestion, Sent } from './questions.js'

const { checkout, url, name } = argumentOfParent<ReleaseOptions>()

const entry = (path: string): string => pathToFileURL(join(checkout, 'packages', path)).href
const { createShop, resolvePolicies }: typeof import('@shop/core') = await import(entry('core/dist/index.js'))
const { knexConnection, knexStore, migrate, pendingMigrations }: typeof import('@shop/adapter-knex') = await import(
  entry('adapter-knex/dist/index.js')
)

const knex = knexConnection(url, { applicationName: name })
const shop = createShop({ store: knexStore(knex), policies: resolvePolicies('hold-at-order') })
let load: Load | undefined

type AnyFunction = (...all: unknown[]) => unknown

/** Notes each statement that any connection of this release sends. */
const noteStatements = (): readonly Sent[] => {
  const ofAdapter = createRequire(join(checkout, 'packages/adapter-knex/package.json'))
  const pg = createRequire(ofAdapter.resolve('knex'))('pg') as { Client: { prototype: { query: AnyFunction } } }
  const { prototype } = pg.Client
  const query = prototype.query
  const sent: Sent[] = []
  prototype.query = function (this: unknown, ...all: unknown[]) {
    const [config] = all as [string | { readonly text?: string }]
    const text = typeof config === 'string' ? config : (config.text ?? '')
    const began = Date.now()
    const note = (hasFailed: boolean) => void sent.push({ text, hasFailed, began, ended: Date.now() })
    const callback = all.at(-1)
    if (typeof callback !== 'function') {
      const answer = query.apply(this, all) as Promise<unknown>
      answer.then(
        () => note(false),
        () => note(true),
      )
      return answer
    }
    all[all.length - 1] = (...results: unknown[]) => {
      note(Boolean(results[0]))
      return callback(...results)
    }
    return query.apply(this, all)
  }
  return sent
}

const answer = async (question: ReleaseQuestion): Promise<ReleaseAnswer> => {
  switch (question.kind) {
    case 'migrate': {
      const statements = noteStatements()
      await migrate(knex)
      return { kind: 'migrated', statements, pending: await pendingMigrations(knex) }
    }
    case 'start':
      load = new Load(shop, name, question)
      return { kind: 'started' }
    case 'stop': {
      if (!load) throw new Error('no load runs')
      return { kind: 'stopped', ...(await load.stop()) }
    }
    case 'audit': {
      const { violations } = await shop.audit()
      return { kind: 'audited', violations: violations.map((each) => JSON.stringify(each)) }
    }
  }
}

answerParent(answer, async () => {
  await shop.close()
  await knex.destroy()
})
