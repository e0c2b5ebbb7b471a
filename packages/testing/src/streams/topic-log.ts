import type { KafkaRecord, TopicDefinition } from '@kafkado/core'
import { readKafkaRecords, recordBatchesIn, RecordBatchBuilder, unpackRecordBatch } from '@kafkado/core/internal'

import type { DriverRecord } from './driver-records.ts'

type AnyTopic = TopicDefinition<unknown, unknown>
type Headers = readonly (readonly [name: string, value: string | Uint8Array | null])[]

/** A record to write. */
export interface RecordContent {
  readonly key: Uint8Array | null
  readonly value: string | Uint8Array | null
  readonly timestamp: number
  readonly headers: Headers
}

/** Turns key and value bytes into a record, through a batch like any other record. */
export function recordOf(
  topic: AnyTopic,
  partition: number,
  offset: number,
  content: RecordContent,
): KafkaRecord<unknown, unknown> {
  const builder = new RecordBatchBuilder()
  builder.append(content)
  const bytes = builder.build({ baseOffset: offset }) as Uint8Array
  const source = {
    topic: topic.name,
    partition,
    keySerde: topic.key,
    valueSerde: topic.value,
    commit: () => Promise.resolve(),
  }
  const records: KafkaRecord<unknown, unknown>[] = []
  for (const { header, batch } of recordBatchesIn(bytes)) {
    const unpacked = unpackRecordBatch(batch, header)
    if (unpacked instanceof Promise) throw new TypeError('a batch of a test driver is not compressed')
    readKafkaRecords(unpacked, { source, into: records })
  }
  return records[0] as KafkaRecord<unknown, unknown>
}

/**
 * An output record, decoded.
 *
 * @param definition decodes it, if one is given; otherwise it is decoded as it was written
 */
export function driverRecordOf<V, K>(
  record: KafkaRecord<unknown, unknown>,
  definition: AnyTopic | undefined,
): DriverRecord<V, K> {
  const { topic, offset, rawKey, rawValue, timestamp, headers } = record
  const at = { topic, offset }
  const key = definition ? rawKey && definition.key.deserialize(rawKey, { ...at, field: 'key' }) : record.key
  const value = definition
    ? rawValue && definition.value.deserialize(rawValue, { ...at, field: 'value' })
    : record.value
  return { key: key as K, value: value as V, timestamp, headers }
}
