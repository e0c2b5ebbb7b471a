import type { AnyKafkaRecord, Header } from '@kafkado/core'

/** What a dead letter is sent with: any producer of `@kafkado/producer`. */
export interface DeadLetterProducer {
  sendRaw(value: Uint8Array | null, options: { key: Uint8Array | null; headers: readonly Header[] }): Promise<unknown>
}

/** What becomes of a record whose handler failed. Resolves when the record may count as processed. */
export type FailureHandler<T> = (item: T, error: unknown) => unknown

type Records = AnyKafkaRecord | Iterable<AnyKafkaRecord>

/**
 * Puts records whose handler failed aside into another topic and counts them as processed once they are there: key,
 * value and headers as they were, byte for byte, and the headers original-topic, original-partition, original-offset,
 * original-timestamp and error.
 *
 * @param producer of the topic that takes them; it stays open
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
 * The headers of a dead letter: those of the record, and where it comes from and why.
 *
 * @param record undefined where what failed belongs to no record
 */
export function deadLetterHeaders(record: AnyKafkaRecord | undefined, error: unknown): Header[] {
  const reason: Header = ['error', error instanceof Error ? `${error.name}: ${error.message}` : String(error)]
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
