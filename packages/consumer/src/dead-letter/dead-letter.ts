import type { AnyKafkaRecord, Header } from '@kafkado/core'
import { messageOf } from '@kafkado/core/internal'

/** Sends dead letters: any producer of `@kafkado/producer`. */
export interface DeadLetterProducer {
  sendRaw(value: Uint8Array | null, options: { key: Uint8Array | null; headers: readonly Header[] }): Promise<unknown>
}

/** Handles a record whose handler failed. Once it resolves, the record counts as processed. */
export type FailureHandler<T> = (item: T, error: unknown) => unknown

type Records = AnyKafkaRecord | Iterable<AnyKafkaRecord>

/**
 * Copies records whose handler failed to another topic, and then counts them as processed. Key, value and headers stay
 * the same, byte for byte. It adds the headers original-topic, original-partition, original-offset, original-timestamp
 * and error.
 *
 * @param producer writes to the dead-letter topic; it stays open
 */
export function deadLetter(producer: DeadLetterProducer): FailureHandler<Records> {
  return async (item, error) => {
    const records = Symbol.iterator in item ? [...item] : [item]
    await Promise.all(
      records.map((record) =>
        producer.sendRaw(record.rawValue, {
          key: record.rawKey,
          headers: deadLetterHeaders(record, error),
        }),
      ),
    )
  }
}

/**
 * The headers of a dead letter: the record's own, its origin, and the error.
 *
 * @param record undefined when the failure belongs to no record
 */
export function deadLetterHeaders(record: AnyKafkaRecord | undefined, error: unknown): Header[] {
  const reason: Header = [
    'error',
    error instanceof Error ? `${messageOf(error.name)}: ${messageOf(error)}` : messageOf(error),
  ]
  if (!record) return [reason]
  const { topic, partition, offset, timestamp, rawHeaders } = record
  return [
    ...rawHeaders,
    ['original-topic', topic],
    ['original-partition', String(partition)],
    ['original-offset', String(offset)],
    ['original-timestamp', String(timestamp)],
    reason,
  ]
}
