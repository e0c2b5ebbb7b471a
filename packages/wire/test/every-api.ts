import type { AnyApiVersion } from '@kafkado/messages'
import * as spoken from './spoken-apis.ts'

/** All APIs that wire uses, ordered by key. */
export const everyApi: readonly AnyApiVersion[] = Object.values<AnyApiVersion>(spoken).sort(
  (left, right) => left.key - right.key,
)
