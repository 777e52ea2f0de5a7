import { z } from 'zod'

/** What the server answers, under the names that the OpenAPI document gives it. */
export const answers = z.registry<{ id: string }>()

/** What the server is sent. */
export const requests = z.registry<{ id: string }>()
