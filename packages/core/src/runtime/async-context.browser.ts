import type { AsyncContext } from './async-context.ts'

/** Browsers cannot tell yet where a call comes from. */
export function createAsyncContext<T>(): AsyncContext<T> {
  return { current: () => undefined, run: (_value, act) => act() }
}
