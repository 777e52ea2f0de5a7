import type { Route } from './route.js'

/** A path of the route table, with its routes by method. */
export interface RouteNode {
  readonly path: string
  readonly routes: Map<string, Route>
  /** The path parameters, each with the index of its segment. */
  readonly params: readonly { readonly name: string; readonly segment: number }[]
}

export interface PathMatch {
  /** At least one. Nodes with a literal segment come before nodes with a parameter. */
  readonly nodes: readonly RouteNode[]
  /** The segments of the path as sent, still percent-encoded. */
  readonly segments: readonly string[]
}

interface Branch {
  readonly literals: Map<string, Branch>
  param: Branch | undefined
  node: RouteNode | undefined
}

const newBranch = (): Branch => ({ literals: new Map(), param: undefined, node: undefined })

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
  branch.node ??= { path: route.path, routes: new Map(), params }
  branch.node.routes.set(route.method, route)
}

const collect = (branch: Branch, segments: readonly string[], index: number, nodes: RouteNode[]): void => {
  const segment = segments[index]
  if (segment === undefined) {
    if (branch.node) nodes.push(branch.node)
    return
  }
  const literal = branch.literals.get(segment)
  if (literal) collect(literal, segments, index + 1, nodes)
  if (branch.param && segment !== '') collect(branch.param, segments, index + 1, nodes)
}

/**
 * Finds the nodes of a path. The match is exact and case-sensitive, on the path as sent. Express's own router
 * decodes parameters during the match, so it would refuse a malformed one before the caller is authenticated.
 */
export const makeRouter = (routes: readonly Route[]): ((path: string) => PathMatch | undefined) => {
  const root = newBranch()
  for (const route of routes) add(root, route)
  return (path) => {
    if (!path.startsWith('/')) return undefined
    const segments = segmentsOf(path)
    const nodes: RouteNode[] = []
    collect(root, segments, 0, nodes)
    return nodes.length > 0 ? { nodes, segments } : undefined
  }
}

/**
 * The node that has a route for the method. `GET /api/products/top` never names a product, but `GET
 * /api/balance/charge` is the balance of a user with the id `charge`.
 */
export const nodeFor = ({ nodes }: PathMatch, method: string): RouteNode | undefined =>
  nodes.find(({ routes }) => routes.has(method))

/** The Allow header of a path. */
export const allowedMethods = ({ nodes }: PathMatch): string =>
  [...new Set(nodes.flatMap(({ routes }) => [...routes.keys()]))]
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .join(', ')
