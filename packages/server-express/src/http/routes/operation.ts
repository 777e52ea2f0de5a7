import { acknowledgeLoss, redeliverEvent } from '@shop/core/commands'
import { z } from 'zod'
import { positionCursor } from '../cursor.js'
import { command, type Route, read } from '../route.js'
import { event, events } from '../schemas/event.js'
import { eventStatus, pageSize } from '../schemas/fields.js'
import { acknowledgeLoss as acknowledgement, historyLoss, historyLosses } from '../schemas/history.js'
import { auditReport } from '../schemas/operation.js'

const tag = 'Operation'
const cursor = positionCursor('events')
const losses = positionCursor('losses')

export const operationRoutes: readonly Route[] = [
  read({
    path: '/api/admin/audit',
    name: 'audit',
    summary: 'Check every law against the live data',
    tag,
    access: 'administrator',
    response: auditReport,
    async handle(_, { shop, agreement }) {
      const [report, disagreements] = await Promise.all([shop.audit(), agreement?.violations() ?? []])
      // `ok` describes the data only: servers with different policies have not broken it.
      return { ...report, violations: [...report.violations, ...disagreements] }
    },
  }),
  read({
    path: '/api/admin/outbox',
    name: 'listEvents',
    summary: 'List the events for the data platform, newest first',
    tag,
    access: 'administrator',
    query: z.strictObject({ status: eventStatus.optional(), limit: pageSize, cursor: cursor.query }),
    response: events,
    async handle({ query: { status, limit, cursor: after } }, { shop }) {
      const [{ items, next }, { pending, sent, dead }] = await Promise.all([
        shop.outbox.list({ status, limit, after }),
        shop.outbox.counts(),
      ])
      return { events: items, nextCursor: cursor.write(next), counts: { pending, sent, dead } }
    },
  }),
  command({
    method: 'POST',
    path: '/api/admin/outbox/{eventId}/redeliver',
    name: 'redeliverEvent',
    summary: 'Redeliver a dead event',
    tag,
    access: 'administrator',
    runs: redeliverEvent,
    refusals: ['EVENT_NOT_FOUND', 'EVENT_NOT_DEAD'],
    status: 202,
    response: event,
    handle: ({ params, idempotency }, { shop }) => shop.execute(redeliverEvent, params, { idempotency }),
  }),
  read({
    path: '/api/admin/history/losses',
    name: 'listLosses',
    summary: 'List the losses of acknowledged commands, newest first',
    tag,
    access: 'administrator',
    query: z.strictObject({ open: z.enum(['true', 'false']).optional(), limit: pageSize, cursor: losses.query }),
    response: historyLosses,
    async handle({ query: { open, limit, cursor: after } }, { shop }) {
      const { items, next } = await shop.history.losses({ open: open === 'true', limit, after })
      return { losses: items, nextCursor: losses.write(next) }
    },
  }),
  command({
    method: 'POST',
    path: '/api/admin/history/losses/{lossId}/acknowledge',
    name: 'acknowledgeLoss',
    summary: 'Mark a loss of acknowledged commands as dealt with',
    tag,
    access: 'administrator',
    runs: acknowledgeLoss,
    body: acknowledgement,
    isBodyOptional: true,
    refusals: ['LOSS_NOT_FOUND'],
    response: historyLoss,
    handle: ({ params, body, idempotency }, { shop }) =>
      shop.execute(acknowledgeLoss, { ...body, ...params }, { idempotency }),
  }),
]
