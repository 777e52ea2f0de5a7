import { allViolations, auditStore, type FoundViolation, maxViolations, type Violation } from '../audit/audit.js'
import { cureViolation } from '../commands/repair/cure-violation.js'
import { repairJob, startRepair } from '../commands/repair/start-repair.js'
import type { Cure, Repair } from '../model/repair.js'
import type { Policies } from '../policies/policies.js'
import { boolean, optional } from '../shared/check.js'
import { iso } from '../shared/instant.js'
import type { Store } from '../store/store.js'
import { type Execute, throwingRefusals } from './calls.js'
import { checkQuery } from './reading.js'

/** Input of {@link Shop.repair}. */
export interface RepairOptions {
  /**
   * Only tells what would be cured.
   * @default false
   */
  readonly dryRun?: boolean | undefined
}

/** One cure. */
export interface RepairView {
  /** The id of the law that was broken. */
  readonly law: string
  /** The kind of thing and its id, for example `product mug`. */
  readonly subject: string
  /** What was done, in English; absent in a dry run. */
  readonly what?: string | undefined
  /** The value before it, or in a dry run, what the law asks for and what the data has. */
  readonly before: unknown
  /** The value after it; in a dry run, what the law asks for. */
  readonly after: unknown
  /** When it was done: ISO 8601 in UTC; absent in a dry run. */
  readonly at?: string | undefined
}

/** What a repair did, and what it left. */
export interface RepairReport {
  /** Whether nothing is left. */
  readonly ok: boolean
  /** Whether nothing was changed. */
  readonly dryRun: boolean
  /** What was cured; in a dry run, what would be. */
  readonly cures: readonly RepairView[]
  /** Violations without a safe cure, at most 100: an operator has to decide. */
  readonly left: readonly Violation[]
}

/** A cure can uncover another violation; more rounds than this would be a bug. */
const maxRounds = 20

/** Cures of one round; a later round goes on. */
const maxFound = 10_000

const repairView = ({ law, subject, what, before, after, at }: Repair): RepairView => ({
  law,
  subject,
  what,
  before,
  after,
  at: iso(at),
})

/** The daily sums have a cure of their own: the store rebuilds all of them. */
const isOfSales = ({ violation: { law } }: FoundViolation): boolean => law === 'SALES-MATCH'

/** The violations in one snapshot: those with a safe cure, and at most `maxViolations` of the others. */
const findViolations = async (
  store: Pick<Store<never>, 'audit'>,
): Promise<{ readonly curable: readonly FoundViolation[]; readonly left: readonly Violation[] }> => {
  const snapshot = await store.audit()
  const curable: FoundViolation[] = []
  const left: Violation[] = []
  try {
    for await (const found of allViolations(snapshot)) {
      if (found.cures.length > 0 || isOfSales(found)) curable.push(found)
      else if (left.length < maxViolations) left.push(found.violation)
      if (curable.length === maxFound) break
    }
    return { curable, left }
  } finally {
    await snapshot.close()
  }
}

const dryReport = ({ curable, left }: Awaited<ReturnType<typeof findViolations>>, dryRun: boolean): RepairReport => ({
  ok: curable.length === 0 && left.length === 0,
  dryRun,
  cures: curable.map(({ violation: { law, subject, actual, expected } }) => ({
    law,
    subject,
    before: actual,
    after: expected,
  })),
  left,
})

/** Repairs a shop: see {@link Shop.repair}. */
export const repairOf = (
  execute: Execute,
  { store, policies }: { readonly store: Store<never>; readonly policies: Policies },
): ((options?: RepairOptions) => Promise<RepairReport>) => {
  const run = throwingRefusals(execute)

  /** One snapshot and its cures. Its token is taken before the snapshot, so that no other repair cures the same twice. */
  const round = async (rebuildsSales: boolean): Promise<readonly Repair[]> => {
    const fence = { job: repairJob, token: await run(startRepair, {}) }
    const { curable } = await findViolations(store)
    const repairs: Repair[] = []
    const cureBy = async ({ law, subject }: Violation, cures: readonly Cure[]): Promise<void> => {
      for (const cure of cures) {
        const repair = await run(cureViolation, { cure, law, subject, fence })
        if (repair) repairs.push(repair)
      }
    }
    for (const { violation, cures } of curable) await cureBy(violation, cures)
    const wrongSales = curable.filter(isOfSales)
    if (rebuildsSales && wrongSales.length > 0) {
      await store.upkeep.ensureSales(policies.ranking.timeZone, { rebuild: true })
      for (const { violation } of wrongSales) {
        const { actual: before, expected: after } = violation
        await cureBy(violation, [{ kind: 'daily-sums', before, after }])
      }
    }
    return repairs
  }

  return async (options = {}) => {
    checkQuery(options, { dryRun: optional(boolean) })
    const { dryRun = false } = options
    const found = await findViolations(store)
    if (dryRun || found.curable.length === 0) return dryReport(found, dryRun)
    const repairs: Repair[] = []
    for (let rounds = 0; rounds < maxRounds; rounds += 1) {
      const done = await round(rounds === 0)
      repairs.push(...done)
      if (done.length === 0) break
    }
    const { ok, violations } = await auditStore(store)
    return { ok, dryRun, cures: repairs.map(repairView), left: violations }
  }
}
