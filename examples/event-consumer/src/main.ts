import { openInbox } from './inbox.js'
import { createReceiver } from './receiver.js'

const { SHOP_DATA_PLATFORM_SECRET: secret, INBOX: file = 'inbox.ndjson', PORT: port = '4000' } = process.env
if (secret === undefined) throw new Error('SHOP_DATA_PLATFORM_SECRET is required: the secret that the shop signs with')

const inbox = openInbox(file)
const server = createReceiver(inbox, secret).listen(Number(port), '127.0.0.1', () => {
  console.log(`Waiting for events on http://127.0.0.1:${port}; revenue so far: ${inbox.ledger.revenue}`)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close(() => inbox.close()))
