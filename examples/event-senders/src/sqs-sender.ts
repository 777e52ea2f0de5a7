import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { EventSender } from '@shop/core'

/** Sends each event to a FIFO queue: a group for each subject keeps its order, and the id drops what comes again. */
export const sqsSender = (client: SQSClient, queueUrl: string): EventSender => ({
  async send({ eventId: id, type, subject, subjectId, sequence, at, data }, signal) {
    const message = {
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify({ id, type, subject, subjectId, sequence, at, data }),
      MessageGroupId: `${subject}-${subjectId}`,
      MessageDeduplicationId: id,
    }
    await client.send(new SendMessageCommand(message), { abortSignal: signal })
    return { kind: 'sent' }
  },
})
