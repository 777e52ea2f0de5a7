import { isFunction, isObject, type OptionCheck, oneOf, text } from '../util/option-check.js'
import type { CommandRoute } from './command-route.js'
import { type HostSchema, isHostSchema, jsonSchemaOf } from './host-schema.js'
import { paramNames, type Route } from './route.js'
import { fieldsOf, operationOf } from './routes-of-commands.js'

const codes: OptionCheck = (value) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string') ? undefined : 'must be a list of codes'

const path: OptionCheck = (value) =>
  typeof value === 'string' && /^\/api(\/([A-Za-z0-9_.~-]+|\{[A-Za-z]\w*\}))+$/.test(value)
    ? undefined
    : 'must begin with /api/, and consist of words of A-Za-z0-9_.~- and {parameters}'

const command: OptionCheck = (value) => {
  const { name, ...rest } = (value ?? {}) as Readonly<Record<string, unknown>>
  const isDefined = ['check', 'keys', 'decide'].every((each) => typeof rest[each] === 'function')
  return isDefined && typeof name === 'string' ? undefined : 'must be a command, made by defineCommand()'
}

const expressible = (schema: HostSchema, io: 'input' | 'output'): string | undefined => {
  try {
    jsonSchemaOf(schema, io)
    return undefined
  } catch (error) {
    return `cannot be expressed as JSON Schema: ${(error as Error).message}`
  }
}

const schema =
  (io: 'input' | 'output'): OptionCheck =>
  (value) =>
    isHostSchema(value)
      ? expressible(value, io)
      : 'must be a schema that follows Standard Schema and Standard JSON Schema, for example of zod 4.2'

const body: OptionCheck = (value) => {
  const wrong = schema('input')(value)
  if (wrong) return wrong
  const { type = 'object' } = jsonSchemaOf(value as HostSchema, 'input')
  return type === 'object' ? undefined : 'must be the schema of an object'
}

const required: Readonly<Record<string, OptionCheck>> = {
  method: oneOf('POST', 'PATCH'),
  path,
  command,
  access: oneOf('public', 'user', 'administrator'),
}

const optional: Readonly<Record<string, OptionCheck>> = {
  body,
  userOf: isFunction,
  with: isFunction,
  status: oneOf(200, 201, 202),
  response: schema('output'),
  name: (value) =>
    typeof value === 'string' && /^[A-Za-z]\w*$/.test(value) ? undefined : 'must be a word of A-Za-z0-9_',
  summary: text,
  tag: text,
  refusals: codes,
}

const checks = { ...required, ...optional }

/** What is wrong with a route by itself. */
const fault = (given: unknown): string | undefined => {
  if (!isObject(given)) return ' must be an object'
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(checks, name))
  if (unknown !== undefined) return `.${unknown} is not one of ${Object.keys(checks).join(', ')}`
  for (const [name, check] of Object.entries(checks)) {
    const value = given[name]
    const wrong = value === undefined && !Object.hasOwn(required, name) ? undefined : check(value)
    if (wrong) return `.${name} ${wrong}`
  }
  const route = given as unknown as CommandRoute
  const names = paramNames(route.path)
  const twice =
    names.find((name, index) => names.indexOf(name) < index) ?? names.find((name) => fieldsOf(route).includes(name))
  return twice === undefined ? undefined : `.path has the parameter ${twice}, which the path or the body has, too`
}

type Endpoint = Pick<Route, 'method' | 'path'>

const isParameter = (segment: string): boolean => segment.startsWith('{')

/** Whether some request matches both paths. */
const overlaps = (one: Endpoint, other: Endpoint): boolean => {
  const [first, second] = [one.path.split('/'), other.path.split('/')]
  return (
    first.length === second.length &&
    first.every((each, index) => {
      const against = second[index] as string
      return each === against || isParameter(each) || isParameter(against)
    })
  )
}

const shapeOf = ({ path: of }: Endpoint): string => of.replaceAll(/\{\w+\}/g, '{}')

/** What is wrong with the path of a route beside another route. */
const collision = (own: Endpoint, other: Endpoint): string | undefined => {
  const shown = `${other.method} ${other.path}`
  if (own.method === other.method && overlaps(own, other))
    return `.path matches requests of ${shown}: choose another path`
  return shapeOf(own) === shapeOf(other) && own.path !== other.path
    ? `.path names its parameters differently from ${shown}: name them alike`
    : undefined
}

/** @throws TypeError for a route that is wrong by itself, or that collides with another one. */
export const checkCommandRoutes = (routes: readonly Route[], given: readonly CommandRoute[]): void => {
  const known: (Endpoint & { readonly name: string })[] = [...routes]
  given.forEach((each, index) => {
    const refuse = (wrong: string | undefined) => {
      if (wrong !== undefined) throw new TypeError(`createServer: routes.commands[${index}]${wrong}`)
    }
    refuse(fault(each))
    const own = { method: each.method, path: each.path, name: operationOf(each) }
    for (const other of known) {
      refuse(collision(own, other))
      if (other.name === own.name)
        refuse(`.name ${own.name} is the name of ${other.method} ${other.path}: give another`)
    }
    known.push(own)
  })
}
