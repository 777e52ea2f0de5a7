import { setTimeout } from 'node:timers/promises'
import { callerOf, liveAs, makeProducts, namesOf } from '../../three-servers/src/load.mjs'
import { verify } from '../../three-servers/src/verify.mjs'
import { checkEvents, checkNodes } from './checks.mjs'
import { until } from './daemon.mjs'
import { judge } from './goals.mjs'
import { lineOf } from './report.mjs'
import { sampleServers } from './samples.mjs'
import { watchLoad } from './watch.mjs'

const calmMs = 3_000
/** A pause of each user between two rounds, so that the load does not fill the processors. */
const pauseMs = 100
/** Longer than the longest strike keeps the shop away. */
const giveUpAfterMs = 120_000

/** One strike: it begins in calm, and ends when the cluster is whole and the load writes again. */
const strikeOnce = async (strike, parts, watch) => {
  const { name, title, window, failsNothing = false } = strike
  const skipped = strike.lacks?.(parts)
  if (skipped !== undefined) return { name, title, skipped }
  await parts.cluster.whole()
  await until('the load writes', () => watch.sinceWrite() < 500)
  await setTimeout(calmMs)
  watch.begin()
  const result = await strike.run(parts).catch((error) => ({ error: error.message }))
  await parts.cluster.whole().catch((error) => Object.assign(result ?? {}, { error: error.message }))
  await until('the load writes', () => watch.sinceWrite() < 500).catch(() => undefined)
  await setTimeout(calmMs)
  const { windowMs, ms, ...counts } = watch.end()
  const figures = { ...counts, windowMs: Math.round(windowMs), ms: Math.round(ms) }
  return { name, title, window, failsNothing, ...figures, ...result }
}

const strikeAll = async (parts, strikes, { minutes }, watch, progress) => {
  const results = []
  const endsAt = performance.now() + minutes * 60_000
  let left = strikes
  do {
    for (const [n, strike] of left.entries()) {
      progress.show(n, strike.title)
      const ticker = setInterval(() => {
        progress.show(n, `${strike.title}: ${(watch.sinceWrite() / 1_000).toFixed(1)} s since a write`)
      }, 500)
      const result = await strikeOnce(strike, parts, watch)
      clearInterval(ticker)
      results.push(result)
      progress.say(lineOf(result))
    }
    // An upgrade happens once.
    left = left.filter(({ name }) => name !== 'release-before')
  } while (performance.now() < endsAt && left.length > 0)
  return results
}

/** Runs the load and the strikes, and verifies everything. Resolves with the results and the goals. */
export const campaign = async (parts, strikes, options, progress) => {
  const { cluster, dataPlatform, shop } = parts
  const watch = watchLoad()
  const caller = callerOf(shop.url, { ...watch, giveUpAfterMs })
  const samples = sampleServers(shop.servers)
  try {
    const names = namesOf(Date.now().toString(36))
    await makeProducts(caller, names)
    let isOver = false
    const lives = Array.from({ length: options.users }, (_, n) => liveAs(n, names, caller, () => isOver, pauseMs))
    const living = Promise.all(lives)
    living.catch(() => undefined)
    const results = await Promise.race([
      strikeAll(parts, strikes, options, watch, progress),
      living.then(() => Promise.reject(new Error('the load ended early'))),
    ])
    isOver = true
    const promises = await living
    progress.say('verifying')
    const { wrong, audit } = await verify(caller, names, promises)
    const lost = [
      ...wrong,
      ...(await checkNodes(cluster, names.user('%'), promises)),
      ...(await checkEvents(dataPlatform, promises)),
    ]
    const violations = audit.violations.map((each) => JSON.stringify(each))
    const servers = samples.report()
    const { faults } = watch.totals
    const settings = options
    const goals = judge({ strikes: results, lost, violations, faults, servers, settings })
    const orders = promises.reduce((sum, each) => sum + each.orders.size, 0)
    const coupons = promises.reduce((sum, each) => sum + each.coupons.length, 0)
    const totals = {
      writes: watch.totals.writes,
      orders,
      coupons,
      events: dataPlatform.count(),
      lost: lost.length,
      violations: violations.length,
      faults,
      troubles: watch.totals.troubles,
    }
    return { at: new Date().toISOString(), settings, strikes: results, totals, servers, goals }
  } finally {
    samples.stop()
    caller.close()
  }
}
