import type { EventSender } from '@shop/core'
import type { Producer } from 'kafkajs'

/** Writes each event to a topic. The key puts all events of a subject into one partition, which keeps their order. */
export const kafkaSender = (producer: Producer, topic = 'shop-events'): EventSender => ({
  async send({ eventId: id, type, subject, subjectId, sequence, at, data }) {
    const value = JSON.stringify({ id, type, subject, subjectId, sequence, at, data })
    await producer.send({ topic, acks: -1, timeout: 5_000, messages: [{ key: `${subject} ${subjectId}`, value }] })
    return { kind: 'sent' }
  },
})
