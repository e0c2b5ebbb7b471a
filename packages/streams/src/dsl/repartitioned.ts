import type { Serde } from '@kafkado/core'
import { selectKeyProcessor } from '../processors/stateless.ts'
import type { StreamParts } from './parts.ts'
import { derivedKeySerde } from './serdes.ts'
import { selectedPath } from './key-path.ts'

export interface RepartitionChoice {
  readonly partitions?: number | undefined
  readonly name?: string | undefined
  /** How the keys have to be written to meet others. Default as the stream's are. */
  readonly key?: Serde<unknown>
}

/** The stream with its records where those of their key are: through an internal topic if the key may have changed. */
export function repartitioned(
  parts: StreamParts,
  reason: string,
  { partitions, name, key = parts.key }: RepartitionChoice = {},
): StreamParts {
  if (!parts.isRekeyed && partitions === undefined) return parts
  const { graph, node, value, lineage, keyLabel } = parts
  const topicSuffix = name ?? `${lineage}${keyLabel === undefined ? '' : `-by-${keyLabel}`}`
  const input = graph.whole.repartition(node, {
    topicSuffix,
    keySerde: key,
    valueSerde: value,
    partitions,
    reason,
  })
  return { ...parts, node: input, key, isRekeyed: false }
}

/** The stream by another key. */
export function rekeyed(
  parts: StreamParts,
  operator: string,
  select: (value: never, key: never) => unknown,
  key: Serde<unknown> = derivedKeySerde,
  label: string | undefined = selectedPath(select as (value: never) => unknown),
): StreamParts {
  const node = parts.graph.whole.processor({
    operator,
    inputs: [parts.node],
    build: selectKeyProcessor(operator, select as (value: unknown, key: unknown) => unknown),
    keepsValues: true,
  })
  return { ...parts, node, key, keyLabel: label ?? 'key', isRekeyed: true }
}
