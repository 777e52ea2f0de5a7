import { compare, inTurn } from '../figures/in-turn.js'
import { Library } from '../library/library.js'
import type { LibraryRun } from '../library/questions.js'
import { runPgbench } from '../stage/pgbench.js'
import { baselineDatabase, shopDatabase } from '../stage/seed.js'
import { latencyFinding, latencyLine } from './latency.js'
import type { Part } from './part.js'

const callers = 512

/** Goals 1 and 11: one coupon that everybody wants. */
export const issue: Part = {
  name: 'issue',
  about: 'issues of one hot coupon against SELECT … FOR UPDATE for each request',
  async run({ server, settings, show }) {
    const { rounds, seconds, profileFolder } = settings
    const [baseline, database] = [await baselineDatabase(server), await shopDatabase(server, 'issue')]
    const library = new Library({ url: database.url }, { profileFolder })
    const runs: LibraryRun[] = []
    try {
      await library.run('issue', { callers, ms: 1_000 * Math.min(1, seconds) })
      const issue = async (workload: 'issue' | 'issue-keyed') => {
        const run = await library.run(workload, { callers, ms: seconds * 1_000 })
        if (workload === 'issue') runs.push(run)
        return run.perSecond
      }
      const pgbench = (name: 'issue-tx' | 'issue-one') => async () =>
        (await runPgbench(baseline.url, name, { seconds })).perSecond
      const [tx, plain, keyed, one] = await inTurn(
        [
          { name: 'pgbench issue-tx', unit: '/s', turn: pgbench('issue-tx') },
          { name: 'issues', unit: '/s', turn: () => issue('issue') },
          { name: 'issues with keys', unit: '/s', turn: () => issue('issue-keyed') },
          { name: 'pgbench issue-one', unit: '/s', turn: pgbench('issue-one') },
        ],
        rounds,
        show,
      )
      show('auditing')
      await library.audit()
      return {
        findings: [compare('1a', plain, tx), compare('1b', keyed, tx), latencyFinding('11a', runs)],
        series: one ? [one] : [],
        charts: [latencyLine('issues', runs)],
        notes: [{ what: 'commands in a group of issues, median', value: String(runs.at(-1)?.groupSize) }],
      }
    } finally {
      await library.stop()
      await Promise.all([baseline.drop(), database.drop()])
    }
  },
}
