import type { ValueFunction } from '../processors/stateless.ts'
import type { Select } from './stream/stream-options.ts'

/** A user's function as processors call it. Its argument types were checked with the operator's description. */
export function valueFunction<K, V, R>(act: Select<K, V, R>): ValueFunction<R> {
  return act as ValueFunction<R>
}
