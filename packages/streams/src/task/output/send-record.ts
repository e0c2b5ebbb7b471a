import type { KafkaRecord, TopicDefinition } from '@kafkado/core'
import type { Header } from '@kafkado/core/internal'
import type { SendOptions } from '../../processors/processor.ts'

/**
 * Writes a result to a topic, with its serdes.
 *
 * @param record its cause; undefined without a current record
 * @param isUnchanged whether the value is the record's own, whose bytes are reused
 * @param headers replace the record's own
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
