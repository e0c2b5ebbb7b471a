import type { AnyApi } from '../api.ts'
import * as apis from './index.ts'

/** All APIs of index.ts, ordered by key. */
export const everyApi: readonly AnyApi[] = Object.values<AnyApi>(apis).sort((left, right) => left.key - right.key)
