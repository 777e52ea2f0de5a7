import { expect, it } from 'vitest'
import { storeTrials } from '../../src/conformance/index.js'
import { modes } from '../../src/conformance/kit/modes.js'
import { historyLaws } from '../../src/conformance/laws/history-laws.js'
import { laws } from '../../src/conformance/laws/laws.js'
import { lockTrials } from '../../src/conformance/laws/locks.js'
import { laws as storedLaws } from '../../src/store.js'

interface Listed {
  readonly id: string
  readonly sentence: string
}

const table = (heading: string, rows: readonly Listed[]): string =>
  [`| ${heading} | |`, '|---|---|', ...rows.map(({ id, sentence }) => `| \`${id}\` | ${sentence} |`)].join('\n')

const ofKind = (kind: string): readonly Listed[] => storedLaws.filter((law) => law.kind === kind)

const page = `# The laws

What a shop on \`@shop/core\` promises, one sentence each. Each sentence is in the code that checks it. A test makes this
page from that code and compares the two; \`vitest -u\` updates it.

## Of stored data

\`GET /api/admin/audit\`, \`shop.audit()\` and \`auditStore(store)\` check these on one consistent snapshot of the live data.

${table('True of every committed state', ofKind('always'))}

${table('True once its deadline has passed', ofKind('eventually'))}

## Of every history

The kit plays random histories of commands on a store. It checks these laws once all branches are done, every deadline has
passed and every event is delivered. It checks the laws of stored data during the history and after it.

${table('Law', historyLaws)}

The ways in which histories are played:

${table('Mode', modes)}

## Of scenarios on a store

One scenario each, played on an empty store. Each "never too much" has a "never too little": a store that refuses
everything keeps the other laws, but breaks \`COUPON-FULL\`, \`STOCK-FULL\`, \`STOCK-COMES-BACK\` and
\`PURCHASE-LIMIT-RACE\`.

${table('Law', storeTrials)}

## Of locks

These hold without faults. Correctness never depends on a lock: the mode \`UNDER-LYING-LOCKS\` shows it.

${table('Law', lockTrials)}

## Checking them

- \`describeStore\` and \`describeLocks\` of \`@shop/core/conformance\` make tests of them for any store and any locks: see
  [Writing an adapter](write-an-adapter.md).
- \`npm run test:laws -- --runs 3000\` plays that many histories in every mode on the stores of this repository;
  \`--seed 7\` repeats a run, \`--store memory\` or \`--store postgres\` chooses one.
- A failure prints a small history, the answer of every caller, and the seed and path that play it again:
  \`SHOP_TEST_SEED=… SHOP_TEST_PATH=…\`.
`

it('docs/reference/laws.md matches the laws in the code', async () => {
  await expect(page).toMatchFileSnapshot('../../../../docs/reference/laws.md')
})

it('every law has a unique id and a sentence', () => {
  const ids = laws.map(({ id }) => id)
  expect(ids.filter((id, index) => ids.indexOf(id) < index)).toEqual([])
  for (const { id, sentence } of laws) {
    expect(id).toMatch(/^[A-Z]+(-[A-Z]+)*$/)
    expect(sentence, id).toMatch(/^[A-Z].*\.$/)
  }
})
