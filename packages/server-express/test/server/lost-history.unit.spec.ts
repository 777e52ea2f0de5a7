import { pino } from 'pino'
import { expect, test } from 'vitest'
import { LostHistory } from '../../src/health/lost-history.js'

type Deps = ConstructorParameters<typeof LostHistory>[0]

const historyOf = (losses: Deps['shop']['history']['losses']) =>
  new LostHistory({
    shop: { history: { losses } as Deps['shop']['history'] },
    logger: pino({ level: 'silent' }),
    metrics: { onLost: () => {} },
    onChange: () => {},
  })

test('a question that fails, or that waits for a connection, does not make the server unready', async () => {
  expect(await historyOf(() => Promise.reject(new Error('no connection is free'))).check()).toBeUndefined()
  expect(await historyOf(() => new Promise(() => {})).check()).toBeUndefined()
})
