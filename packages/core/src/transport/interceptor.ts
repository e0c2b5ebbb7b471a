import type { Transport } from './transport.ts'

/** Stands before a transport's `send`: for retries, metrics, tracing, fault injection. */
export type Interceptor = (next: Transport['send']) => Transport['send']

/** The transport with interceptors around it; the first one given is the outermost. */
export function intercept(transport: Transport, ...interceptors: Interceptor[]): Transport {
  const innermost: Transport['send'] = (operation, request, options) => transport.send(operation, request, options)
  return {
    runtime: transport.runtime,
    send: interceptors.reduceRight((next, interceptor) => interceptor(next), innermost),
    close: () => transport.close(),
  }
}
