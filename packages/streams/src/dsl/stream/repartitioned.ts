import type { Serde } from '@kafkado/core'
import type { ChoosePartition } from '../../processors/processor.ts'
import { selectKeyProcessor, type ValueFunction } from '../../processors/stateless.ts'
import type { StreamParts } from '../parts.ts'
import { derivedKeySerde } from '../serdes.ts'
import { selectedPath } from '../joins/key-path.ts'

export interface RepartitionChoice {
  readonly partitions?: number | undefined
  /** The name of the topic, which is then not shared. */
  readonly name?: string | undefined
  /** The serde that the keys need to meet others. Default: the stream's. */
  readonly key?: Serde<unknown>
  readonly partition?: ChoosePartition | undefined
  /** Whether the topic is not shared with other operators. */
  readonly isOwn?: boolean
}

/** The stream, partitioned by key: through an internal topic if the key may have changed. */
export function repartitioned(
  parts: StreamParts,
  reason: string,
  { partitions, name, key = parts.key, partition, isOwn = name !== undefined }: RepartitionChoice = {},
): StreamParts {
  if (!parts.isRekeyed && partitions === undefined) return parts
  const { graph, node, value, lineage, keyLabel } = parts
  const topicSuffix = `${lineage}${keyLabel === undefined ? '' : `-by-${keyLabel}`}`
  const topic = { topicSuffix, keySerde: key, valueSerde: value, partitions, partition, reason }
  const input = graph.whole.repartition(node, topic, isOwn ? { name } : undefined)
  return { ...parts, node: input, key, isRekeyed: false }
}

/** The stream with another key. */
export function rekeyed(
  parts: StreamParts,
  operator: string,
  select: ValueFunction<unknown>,
  key: Serde<unknown> = derivedKeySerde,
  label: string | undefined = selectedPath(select),
  name?: string,
): StreamParts {
  const node = parts.graph.whole.processor({
    operator,
    name,
    inputs: [parts.node],
    build: selectKeyProcessor(operator, select),
    keepsValues: true,
  })
  return { ...parts, node, key, keyLabel: label ?? 'key', isRekeyed: true }
}
