import type { AnyApi } from '../api.ts'
import * as apis from './index.ts'

/** All APIs that are defined here, by their keys, from the one list of them: index.ts. */
export const everyApi: readonly AnyApi[] = Object.values<AnyApi>(apis).sort((left, right) => left.key - right.key)
