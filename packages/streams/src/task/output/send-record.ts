import type { KafkaRecord, TopicDefinition } from '@kafkado/core'
import type { Header } from '@kafkado/core/internal'
import type { SendOptions } from '../../processors/processor.ts'

/**
 * Writes a result to a topic, with its serdes.
 *
 * @param record what it was made of; undefined where nothing was in hand
 * @param isUnchanged whether the value is the record's own, and is written as it was
 * @param headers those that it is written with in place of the record's own
 */
export type SendRecord = (
  sink: TopicDefinition<unknown, unknown>,
  key: unknown,
  value: unknown,
  timestamp: number,
  record: KafkaRecord<unknown, unknown> | undefined,
  isUnchanged: boolean,
  headers: readonly Header[] | undefined,
  options: SendOptions | undefined,
) => void
