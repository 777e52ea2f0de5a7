import type { Express } from 'express'
import { httpInterface } from './app.js'
import type { HttpDeps } from './http-deps.js'

/** The HTTP interface of a shop as an Express application. */
export const createApp = (deps: HttpDeps): Express => httpInterface(deps).app
