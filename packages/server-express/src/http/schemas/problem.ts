import { z } from 'zod'
import { problemCodes } from '../problem-codes.js'
import type { BuiltInCode } from '../problem-kind.js'
import { responses } from './registries.js'

/** A problem document (RFC 9457), extended by the code, the request id and the facts of the code. */
export const problem = z
  .looseObject({
    type: z.string().meta({ format: 'uri-reference' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'English or Korean, as Accept-Language prefers' }),
    code: z.enum(problemCodes as readonly [BuiltInCode, ...BuiltInCode[]]),
    instance: z.string(),
    requestId: z.string(),
    errors: z
      .array(z.strictObject({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'The malformed fields (INVALID_REQUEST)' }),
  })
  .register(responses, { id: 'Problem' })
