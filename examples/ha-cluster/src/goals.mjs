import { grown } from './samples.mjs'

const goal = (name, wrong) => ({ name, met: wrong.length === 0, wrong: wrong.slice(0, 10) })

/** The longest window that a strike may have, in milliseconds. Undefined without a limit. */
const limitOf = ({ window, awayMs = 0 }, { ttl }) =>
  window === 'away' ? awayMs + (ttl + 3) * 1_000 : (ttl + 3) * 1_000

/** Every goal, with what misses it. */
export const judge = ({ strikes, lost, violations, faults, servers, settings }) => {
  const ran = strikes.filter(({ skipped }) => skipped === undefined)
  return [
    goal('nothing acknowledged is lost', lost),
    goal('the audit finds no violation', violations),
    goal('no response 500', faults > 0 ? [`${faults} responses`] : []),
    goal(
      'no failed request in what must fail nothing',
      ran
        .filter(({ failsNothing, again }) => failsNothing && again > 0)
        .map(({ name, again, troubles }) => `${name}: ${again} (${Object.keys(troubles).join(', ')})`),
    ),
    goal(
      `windows of at most ttl and 3 s`,
      ran
        .filter((strike) => strike.windowMs > limitOf(strike, settings))
        .map(({ name, windowMs }) => `${name}: ${(windowMs / 1_000).toFixed(1)} s`),
    ),
    goal('memory and descriptors of the servers stay flat', grown(servers)),
    goal(
      'every strike ends',
      ran.filter(({ error }) => error !== undefined).map(({ name, error }) => `${name}: ${error}`),
    ),
  ]
}
