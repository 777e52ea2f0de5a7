import type { Companions, RefusalCode } from '@shop/core'
import type { Command } from '@shop/core/commands'
import type { Request } from 'express'
import type { Access, Caller } from './caller.js'
import type { HostSchema } from './host-schema.js'

/** A route that runs a command of the host's own, with all that routes of the shop have. */
// biome-ignore lint/suspicious/noExplicitAny: a list holds routes of commands of any input and result
export interface CommandRoute<Input = any, Result = any> {
  /** A POST takes an `Idempotency-Key`. */
  readonly method: 'POST' | 'PATCH'
  /**
   * Begins with `/api/`. Parameters are in braces, and are ids: `/api/loyalty/{userId}/stamps`. No route of the shop may
   * match the same requests.
   */
  readonly path: string
  /** Its input: the fields of the body and the parameters of the path. It checks them once more. */
  readonly command: Command<Input, Result>
  /** Who may call: everybody, users for themselves, or administrators. */
  readonly access: Access
  /**
   * What the body must be: the schema of an object.
   * @default no body
   */
  readonly body?: HostSchema | undefined
  /**
   * The user that the request is about. A caller who is not an administrator must be that user.
   * @default the field `userId` of the input, if it has one
   */
  userOf?(input: Input): string | undefined
  /**
   * Rows of the host's that commit with the command.
   * @default none
   */
  with?(input: Input, call: { readonly request: Request; readonly caller: Caller }): Companions<Result> | undefined
  /**
   * The status of an accepted command.
   * @default 200
   */
  readonly status?: 200 | 201 | 202 | undefined
  /**
   * What the result is, for the OpenAPI document. Results are not validated.
   * @default any object
   */
  readonly response?: HostSchema | undefined
  /**
   * The `operationId` of the OpenAPI document.
   * @default the name of the command, as `giveStamp` for `give-stamp`
   */
  readonly name?: string | undefined
  /**
   * What it does, for the OpenAPI document.
   * @default the name of the command
   */
  readonly summary?: string | undefined
  /**
   * The group of routes in the OpenAPI document.
   * @default 'Custom'
   */
  readonly tag?: string | undefined
  /**
   * The codes that it refuses with, for the OpenAPI document.
   * @default the `refusals` of the command
   */
  readonly refusals?: readonly RefusalCode[] | undefined
}

/**
 * A route of a command of your own, with the types of its input and its result.
 * @example
 * commandRoute({
 *   method: 'POST',
 *   path: '/api/loyalty/{userId}/stamps',
 *   command: giveStamp,
 *   access: 'administrator',
 * })
 */
export const commandRoute = <Input, Result>(route: CommandRoute<Input, Result>): CommandRoute<Input, Result> => route
