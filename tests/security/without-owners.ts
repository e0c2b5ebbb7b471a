import { intercept, type Transport } from '@kafkado/core'

/** Lets every key use every producer id: tests make them up, or get them from the engine itself. */
export function withoutOwners(transport: Transport): Transport {
  return intercept(
    transport,
    (next) => (operation, request, options) => next(operation, request, { ...options, principal: undefined }),
  )
}
