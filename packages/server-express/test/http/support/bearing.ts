import type { Request } from 'express'

/** A request of which only the Authorization header matters. */
export const bearing = (authorization: string | undefined): Request => ({ headers: { authorization } }) as Request
