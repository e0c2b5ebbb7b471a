import type { Transport } from './transport.ts'

/** Wraps a transport's `send`: for retries, metrics, tracing, fault injection. */
export type Interceptor = (next: Transport['send']) => Transport['send']

/** Wraps a transport in interceptors; the first one is the outermost. */
export function intercept(transport: Transport, ...interceptors: Interceptor[]): Transport {
  const innermost: Transport['send'] = (operation, request, options) => transport.send(operation, request, options)
  return {
    runtime: transport.runtime,
    send: interceptors.reduceRight((next, interceptor) => interceptor(next), innermost),
    close: () => transport.close(),
  }
}
