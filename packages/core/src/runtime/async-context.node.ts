import { AsyncLocalStorage } from 'node:async_hooks'
import type { AsyncContext } from './async-context.ts'

/** It is set up at first use, as it makes every promise a little slower. */
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
