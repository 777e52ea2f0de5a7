import { jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { EventSender } from '@shop/core'

/** Publishes each event under `shop.<type>`. JetStream stores it before it acknowledges it, and knows it again by its id. */
export const natsSender = (connection: NatsConnection): EventSender => {
  const stream = jetstream(connection)
  return {
    async send({ eventId: id, type, subject, subjectId, sequence, at, data }) {
      const message = JSON.stringify({ id, type, subject, subjectId, sequence, at, data })
      await stream.publish(`shop.${type}`, message, { msgID: id, timeout: 5_000, retries: 1 })
      return { kind: 'sent' }
    },
  }
}
