import { z } from 'zod'
import { type ProblemCode, problemCodes } from '../problem-codes.js'
import { answers } from './registries.js'

/** RFC 9457, with the code, the request id and whatever facts belong to the code. */
export const problem = z
  .looseObject({
    type: z.string().meta({ format: 'uri-reference' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'In the language that Accept-Language prefers: English or Korean' }),
    code: z.enum(problemCodes as readonly [ProblemCode, ...ProblemCode[]]),
    instance: z.string(),
    requestId: z.string(),
    errors: z
      .array(z.strictObject({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'Where the request is malformed (INVALID_REQUEST)' }),
  })
  .register(answers, { id: 'Problem' })
