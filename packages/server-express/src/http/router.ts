import type { Route } from './route.js'

/** A path of the table, with the routes of its methods. */
export interface RouteNode {
  readonly path: string
  readonly routes: Map<string, Route>
  /** Its path parameters: which segment each one is. */
  readonly params: readonly { readonly name: string; readonly segment: number }[]
}

export interface Match {
  /** At least one; where a literal stands in for a parameter, the one with the literal first. */
  readonly places: readonly RouteNode[]
  /** The segments of the path as sent, still percent-encoded. */
  readonly segments: readonly string[]
}

interface Branch {
  readonly literals: Map<string, Branch>
  param: Branch | undefined
  place: RouteNode | undefined
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

const collect = (branch: Branch, segments: readonly string[], index: number, places: RouteNode[]): void => {
  const segment = segments[index]
  if (segment === undefined) {
    if (branch.place) places.push(branch.place)
    return
  }
  const literal = branch.literals.get(segment)
  if (literal) collect(literal, segments, index + 1, places)
  if (branch.param && segment !== '') collect(branch.param, segments, index + 1, places)
}

/**
 * Finds the places of a path: exact, case-sensitive, on the path as it was sent. Express's own router decodes parameters
 * while it looks for a route, so that a malformed one would be refused before the caller is known.
 */
export const makeRouter = (routes: readonly Route[]): ((path: string) => Match | undefined) => {
  const root = newBranch()
  for (const route of routes) add(root, route)
  return (path) => {
    if (!path.startsWith('/')) return undefined
    const segments = segmentsOf(path)
    const places: RouteNode[] = []
    collect(root, segments, 0, places)
    return places.length > 0 ? { places, segments } : undefined
  }
}

/**
 * The place that knows the method: `GET /api/products/top` is never a product, but `GET /api/balance/charge` is the
 * balance of a user called `charge`.
 */
export const placeFor = ({ places }: Match, method: string): RouteNode | undefined =>
  places.find(({ routes }) => routes.has(method))

/** What the Allow header of a path says. */
export const allowedMethods = ({ places }: Match): string =>
  [...new Set(places.flatMap(({ routes }) => [...routes.keys()]))]
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .join(', ')
