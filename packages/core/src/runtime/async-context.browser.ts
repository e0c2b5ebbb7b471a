import type { AsyncContext } from './async-context.ts'

/** Browsers have no way to tell yet from where something was called. */
export function createAsyncContext<T>(): AsyncContext<T> {
  return { current: () => undefined, run: (_value, act) => act() }
}
