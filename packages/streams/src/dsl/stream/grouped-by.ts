import type { ValueFunction } from '../../processors/stateless.ts'
import type { StreamParts } from '../parts.ts'
import { serdeOf, valued } from '../serdes.ts'
import type { GroupingOptions } from '../operator-options.ts'
import { rekeyed } from './repartitioned.ts'

/** The stream, partitioned by the key of its groups. */
export function groupedBy(
  parts: StreamParts,
  select: ValueFunction<unknown>,
  { key, value, name }: GroupingOptions = {},
): StreamParts {
  const keySerde = key === undefined ? undefined : serdeOf(key)
  return valued(rekeyed(parts, 'groupBy', select, keySerde, name, name), value)
}
