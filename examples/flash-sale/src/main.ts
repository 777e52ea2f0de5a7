#!/usr/bin/env node
import { Console } from 'node:console'
import { writeFileSync } from 'node:fs'
import { Presets, SingleBar } from 'cli-progress'
import { readArguments, UsageError, usage } from './arguments.js'
import { chart } from './chart.js'
import { type Result, runSale, type Watcher } from './flash-sale.js'

const bars = (): Watcher & { stop(): void } => {
  const format = '{name} {bar} {value}/{total} | {won} won · {refused} refused · {rate}/s'
  const bar = new SingleBar(
    { format, noTTYOutput: true, notTTYSchedule: 1_000, hideCursor: true },
    Presets.shades_classic,
  )
  const counters = { won: 0, refused: 0, rate: 0 }
  let name = ''
  const show = (next: string, value: number, of: number, shown: object) => {
    if (name !== next) {
      bar.stop()
      bar.start(of, 0, { ...counters, name: next })
      name = next
    }
    bar.update(value, { ...counters, ...shown, name: next })
  }
  return {
    preparing: (done, of) => show('preparing  ', done, of, {}),
    selling: (meter, of) => {
      const { answered, won, refused, answersPerSecond: rate } = meter
      show('flash sale ', answered, of, { won, refused, rate })
    },
    stop: () => bar.stop(),
  }
}

const summary = (result: Result, quantity: number) => ({
  quantity,
  won: result.won,
  refused: result.refused,
  'without a response': result.failed,
  seconds: Math.round(result.elapsedMs) / 1_000,
  'responses per second': result.answersPerSecond,
  'latency p50 (ms)': result.latencyMs.p50,
  'latency p95 (ms)': result.latencyMs.p95,
  'latency p99 (ms)': result.latencyMs.p99,
  'latency max (ms)': result.latencyMs.max,
  'broken laws': result.violations,
})

const main = async (): Promise<number> => {
  const sale = readArguments(process.argv.slice(2), process.env)
  const watcher = bars()
  const result = await runSale(sale, watcher).finally(() => watcher.stop())
  new Console(process.stdout).table(summary(result, sale.quantity))
  writeFileSync(sale.chart, chart(`${sale.buyers} buyers for ${sale.quantity} (${sale.kind})`, result, sale.quantity))
  console.log(`The chart is in ${sale.chart}`)
  return result.soldAll && result.violations === 0 && result.failed === 0 ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  const isUsage = error instanceof UsageError
  console.error(isUsage ? `${error.message}\n\n${usage}` : (error as Error).message)
  process.exitCode = isUsage ? 64 : 1
}
