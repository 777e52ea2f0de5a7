import type { AuditReport } from '@shop/core'
import { z } from 'zod'
import type { HealthCheck } from '../http-deps.js'
import { count, time } from './fields.js'
import { responses } from './registries.js'

export const auditReport: z.ZodType<AuditReport> = z
  .strictObject({
    ok: z.boolean(),
    checkedAt: time,
    violations: z.array(
      z.strictObject({ law: z.string(), subject: z.string(), expected: z.unknown(), actual: z.unknown() }),
    ),
    checked: z.strictObject({
      wallets: count,
      entries: count,
      products: count,
      coupons: count,
      issuedCoupons: count,
      orders: count,
    }),
  })
  .register(responses, { id: 'AuditReport' })

const healthStatus = z.enum(['up', 'degraded', 'down'])

export interface Health {
  readonly status: HealthCheck['status']
  readonly checks: Readonly<Record<string, HealthCheck>>
}

export const health: z.ZodType<Health> = z
  .strictObject({
    status: healthStatus,
    checks: z.record(z.string(), z.strictObject({ status: healthStatus, detail: z.string().exactOptional() })),
  })
  .register(responses, { id: 'Health' })
