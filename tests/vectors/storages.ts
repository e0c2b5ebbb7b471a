import type { VectorStorage } from './run-vector.ts'

export const inMemory: VectorStorage = {
  name: 'memory',
  open: () => Promise.resolve(undefined),
  flush: () => Promise.resolve(),
  close: () => Promise.resolve(),
}

export const vectorStorages: readonly VectorStorage[] = [inMemory]
