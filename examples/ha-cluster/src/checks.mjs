import { until } from './daemon.mjs'

/** Amounts and statuses in the database, by SQL, for the users of this run. */
const digest = (users) => `
  select json_build_object(
    'balance', (select coalesce(sum(balance), 0) from shop.wallets where user_id like '${users}'),
    'coupons', (select count(*) from shop.issued_coupons where user_id like '${users}'),
    'paid', (select count(*) from shop.orders where user_id like '${users}' and status = 'paid'),
    'cancelled', (select count(*) from shop.orders where user_id like '${users}' and status = 'cancelled'),
    'open', (select count(*) from shop.orders where user_id like '${users}' and status = 'pending'))`

const countOf = (promises, status) =>
  promises.reduce((sum, { orders }) => sum + [...orders.values()].filter((each) => each === status).length, 0)

/** Compares what every node stores with what was acknowledged. Resolves with the differences. */
export const checkNodes = async (cluster, users, promises) => {
  const { primary } = await cluster.whole()
  const wanted = {
    balance: promises.reduce((sum, { balance }) => sum + balance, 0),
    coupons: promises.reduce((sum, { coupons }) => sum + coupons.length, 0),
    paid: countOf(promises, 'paid'),
    cancelled: countOf(promises, 'cancelled'),
    open: 0,
  }
  const position = await cluster.sqlOn(primary, 'select pg_current_wal_lsn()')
  const wrong = []
  for (const node of cluster.nodes) {
    if (node !== primary) {
      const replayed = `select pg_last_wal_replay_lsn() >= '${position}'`
      await until(`${node.name} has replayed the log`, async () => (await cluster.sqlOn(node, replayed)) === 't')
    }
    const found = JSON.parse(await cluster.sqlOn(node, digest(users)))
    for (const [name, value] of Object.entries(wanted)) {
      if (found[name] !== value) wrong.push(`${node.name} has ${name} ${found[name]}, not ${value}`)
    }
  }
  return wrong
}

const lastTypes = { paid: 'order.paid', cancelled: 'order.cancelled' }

/** Differences between the events of one order and its acknowledged status. */
const wrongEvents = (orderId, status, events = []) => {
  const wrong = []
  if (events.at(-1)?.type !== lastTypes[status]) {
    wrong.push(`the last event of order ${orderId} is ${events.at(-1)?.type}, but it is ${status}`)
  }
  if (events.some(({ sequence }, n) => sequence !== n + 1)) {
    wrong.push(`the events of order ${orderId} have the sequences ${events.map(({ sequence }) => sequence)}`)
  }
  return wrong
}

/** Waits for the relay, and compares the received events with the acknowledged orders. */
export const checkEvents = async ({ subjects }, promises) => {
  const orders = promises.flatMap((each) => [...each.orders])
  const differences = () => orders.flatMap(([orderId, status]) => wrongEvents(orderId, status, subjects.get(orderId)))
  await until('every event has arrived', () => differences().length === 0).catch(() => undefined)
  return differences()
}
