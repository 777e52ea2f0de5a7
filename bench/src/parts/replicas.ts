import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { startPostgresPair } from '@shop/test-support/postgres-pair'
import { inTurn } from '../figures/in-turn.js'
import { processorTimeUnder } from '../figures/processor-time.js'
import { median } from '../figures/statistics.js'
import { Child } from '../processes/child.js'
import type { ShopAnswer, ShopOptions, ShopQuestion } from '../replicas/questions.js'
import { postmasterOf } from '../stage/postgres.js'
import { seedShop } from '../stage/seed.js'
import type { Part } from './part.js'

type ShopProcess = Child<ShopQuestion, ShopAnswer>

const listing = 16
const charging = 4

/** Keeps a process and its later children on one processor, as if it ran on a machine of its own. */
const pin = (pid: number, processor: number): boolean => {
  try {
    execFileSync('taskset', ['-acp', String(processor), String(pid)], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A flood of lists, read on the primary and on a replica, and the charges beside it. */
export const replicas: Part = {
  name: 'replicas',
  about: 'what a flood of product lists costs the primary, and charges beside it, with a replica and without',
  async run({ settings, show }) {
    const ms = settings.seconds * 1_000
    const pair = await startPostgresPair()
    const open = (replica?: string): ShopProcess =>
      new Child<ShopQuestion, ShopAnswer>('replica-process', {
        primary: pair.primaryUrl,
        replica,
        users: settings.users,
      } satisfies ShopOptions)
    await seedShop(pair.primaryUrl, settings.users)
    const [writer, alone, spread] = [open(), open(), open(pair.standbyUrl)]
    try {
      const primary = await postmasterOf(pair.primaryUrl)
      const standby = await postmasterOf(pair.standbyUrl)
      const here = [primary, writer.pid].map((pid) => pin(pid, 0))
      const there = [standby, alone.pid, spread.pid].map((pid) => pin(pid, 1))
      const isPinned = availableParallelism() > 1 && [...here, ...there].every(Boolean)
      for (const each of [writer, alone, spread]) await each.ask({ kind: 'warm' })
      const processor = () => processorTimeUnder(primary)
      let missed = 0
      const flood = async (shop: ShopProcess) => {
        const { perSecond, count, fromPrimary } = await shop.ask({ kind: 'lists', callers: listing, ms })
        missed += fromPrimary
        return { figure: perSecond, count }
      }
      const charges = async (beside?: ShopProcess) => {
        const flooding = beside?.ask({ kind: 'lists', callers: listing, ms })
        const { latency } = await writer.ask({ kind: 'charges', callers: charging, ms })
        await flooding
        return { figure: latency.p99 }
      }
      const [ofPrimary, ofReplica, ...writes] = await inTurn(
        [
          { name: 'lists read on the primary', unit: '/s', processor, turn: () => flood(alone) },
          { name: 'lists read on a replica', unit: '/s', processor, turn: () => flood(spread) },
          { name: 'p99 of a charge, without a flood', unit: ' ms', turn: () => charges() },
          { name: 'p99 of a charge beside a flood on the primary', unit: ' ms', turn: () => charges(alone) },
          { name: 'p99 of a charge beside a flood on a replica', unit: ' ms', turn: () => charges(spread) },
        ],
        settings.rounds,
        show,
      )
      const costs = [ofPrimary, ofReplica].map((series) => median(series?.processor ?? []))
      const [quiet = Number.NaN, ...besides] = writes.map(({ samples }) => median(samples))
      const timesQuiet = besides.map((each) => `${(each / quiet).toFixed(2)} ×`).join(' and ')
      const series = [ofPrimary, ofReplica, ...writes].flatMap((each) => each ?? [])
      return {
        series,
        notes: [
          ...series.map(({ name, unit, samples }) => ({ what: name, value: `${median(samples).toFixed(1)}${unit}` })),
          {
            what: "the primary's processor time for a list: read there, and on a replica",
            value: `${costs.map((each) => `${each.toFixed(1)} µs`).join(' and ')}: ${(((costs[1] ?? 0) / (costs[0] ?? 1)) * 100).toFixed(1)} %`,
          },
          {
            what: 'p99 of a charge beside a flood on the primary, and on a replica',
            value: `${timesQuiet} the one without`,
          },
          { what: 'lists that the primary answered although there was a replica', value: String(missed) },
          { what: 'primary and replica on a processor of their own', value: isPinned ? 'yes' : 'no' },
        ],
      }
    } finally {
      for (const each of [writer, alone, spread]) await each.stop()
      await pair.stop()
    }
  },
}
