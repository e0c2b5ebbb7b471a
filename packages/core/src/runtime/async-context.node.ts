import { AsyncLocalStorage } from 'node:async_hooks'
import type { AsyncContext } from './async-context.ts'

/** Nothing is set up before it is used, as that costs every promise a little. */
export function createAsyncContext<T>(): AsyncContext<T> {
  let storage: AsyncLocalStorage<T> | undefined
  return {
    current: () => storage?.getStore(),
    run: (value, act) => {
      storage ??= new AsyncLocalStorage()
      return storage.run(value, act)
    },
  }
}
