import { refuse } from '../exchange/refusal.ts'
import type { Route } from './route.ts'

/** Finds routes by their exact path. Nothing is decoded or normalised, so each path has one spelling. */
export class Router {
  readonly #byPath = new Map<string, Map<string, Route>>()

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const methods = this.#byPath.get(route.path) ?? new Map<string, Route>()
      methods.set(route.method, route)
      if (route.method === 'GET') methods.set('HEAD', route)
      this.#byPath.set(route.path, methods)
    }
  }

  has(path: string): boolean {
    return this.#byPath.has(path)
  }

  /** @throws Refusal with 404 for an unknown path, or 405 for a method it does not have */
  find(method: string, path: string): Route {
    const methods = this.#byPath.get(path)
    if (!methods) throw refuse(404, 'there is nothing at this path; /v1/openapi.json lists what there is')
    const route = methods.get(method)
    if (route) return route
    const allow = [...methods.keys()].join(', ')
    throw refuse(405, `this path takes ${allow}`, { allow })
  }
}
