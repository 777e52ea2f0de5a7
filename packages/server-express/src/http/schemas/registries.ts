import { z } from 'zod'

/** Response schemas, with their names in the OpenAPI document. */
export const responses = z.registry<{ id: string }>()

/** Request schemas, with their names in the OpenAPI document. */
export const requests = z.registry<{ id: string }>()
