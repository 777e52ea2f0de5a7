import type { Route } from './route.js'

/** A path of the table, with the routes of its methods. */
export interface Place {
  readonly path: string
  readonly routes: Map<string, Route>
  /** Its path parameters: which segment each one is. */
  readonly params: readonly { readonly name: string; readonly segment: number }[]
}

export interface Match {
  readonly place: Place
  /** The segments of the path as sent, still percent-encoded. */
  readonly segments: readonly string[]
}

interface Branch {
  readonly literals: Map<string, Branch>
  param: Branch | undefined
  place: Place | undefined
}

const newBranch = (): Branch => ({ literals: new Map(), param: undefined, place: undefined })

const segmentsOf = (path: string): string[] => path.slice(1).split('/')

const add = (root: Branch, route: Route): void => {
  let branch = root
  const params: { name: string; segment: number }[] = []
  for (const [index, segment] of segmentsOf(route.path).entries()) {
    const isParam = segment.startsWith('{')
    if (isParam) params.push({ name: segment.slice(1, -1), segment: index })
    const next = (isParam ? branch.param : branch.literals.get(segment)) ?? newBranch()
    if (isParam) branch.param = next
    else branch.literals.set(segment, next)
    branch = next
  }
  branch.place ??= { path: route.path, routes: new Map(), params }
  branch.place.routes.set(route.method, route)
}

/** Literal segments come before parameters: `/api/products/top` is never a product. */
const find = (branch: Branch, segments: readonly string[], index = 0): Place | undefined => {
  const segment = segments[index]
  if (segment === undefined) return branch.place
  const literal = branch.literals.get(segment)
  const found = literal && find(literal, segments, index + 1)
  if (found || !branch.param || segment === '') return found
  return find(branch.param, segments, index + 1)
}

/**
 * Finds the place of a path: exact, case-sensitive, on the path as it was sent. Express's own router decodes parameters
 * while it looks for a route, so that a malformed one would be refused before the caller is known.
 */
export const makeRouter = (routes: readonly Route[]): ((path: string) => Match | undefined) => {
  const root = newBranch()
  for (const route of routes) add(root, route)
  return (path) => {
    if (!path.startsWith('/')) return undefined
    const segments = segmentsOf(path)
    const place = find(root, segments)
    return place && { place, segments }
  }
}

/** What the Allow header of a place says. */
export const allowedMethods = ({ routes }: Place): string =>
  [...routes.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ')
