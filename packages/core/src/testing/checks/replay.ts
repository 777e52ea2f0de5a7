import type { AnyVerb } from '../../command/verb.js'
import { canonicalJson } from '../../shared/canonical-json.js'
import type { Shop } from '../../shop.js'
import { verbs } from '../../verbs.js'
import type { Journal } from '../journal.js'
import { describeCall } from '../steps.js'
import { isKept } from './effects.js'

/** Everything that had a key, once more: the same answers, marked as replays, and nothing changes. */
export const checkReplay = async (
  { records }: Journal,
  shop: Shop<never>,
  look: () => Promise<unknown>,
): Promise<readonly string[]> => {
  const problems: string[] = []
  const before = canonicalJson(await look())
  for (const record of records) {
    const { call, answer } = record
    const isReused = answer.kind === 'refused' && answer.refusal.code === 'IDEMPOTENCY_KEY_REUSED'
    if (!call.key || !(isKept(record) || isReused)) continue
    const [noun = '', method = ''] = call.name.split('.')
    const verb = (verbs as unknown as Record<string, Record<string, AnyVerb>>)[noun]?.[method] as AnyVerb
    const outcome = await shop.execute(verb, call.input, { idempotency: call.key })
    const said = canonicalJson(outcome.ok ? outcome.result : outcome.refusal)
    const then = canonicalJson(answer.kind === 'ok' ? answer.result : 'refusal' in answer && answer.refusal)
    if (said !== then) problems.push(`REPLAY: ${describeCall(call)} was answered with ${then}, and again with ${said}`)
    if (outcome.replayed === isReused) {
      problems.push(`REPLAY: ${describeCall(call)} is ${outcome.replayed ? '' : 'not '}marked as a replay`)
    }
  }
  const after = canonicalJson(await look())
  if (before !== after) problems.push(`REPLAY: replaying changed ${before} to ${after}`)
  return problems
}
