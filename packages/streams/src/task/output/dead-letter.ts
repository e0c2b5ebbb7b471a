import { deadLetterHeaders } from '@kafkado/consumer/internal'
import { KafkaError } from '@kafkado/core'
import type { StreamsError } from '../../errors/streams-error.ts'
import type { Outgoing } from './outgoing.ts'

/**
 * What is put aside of a record that failed: its key, value and headers as they came, so that it can be sent again, and
 * in headers where it comes from and why. Without a record in hand there is nothing but the reason. Kafka: KIP-1034.
 */
export function deadLetterOf(
  topic: string,
  record: Outgoing['record'],
  error: StreamsError,
  timestamp: number,
): Outgoing {
  return {
    topic,
    partition: undefined,
    key: record?.rawKey ?? null,
    value: record?.rawValue ?? null,
    timestamp,
    headers: deadLetterHeaders(record, error),
    record,
    onRefused: (refused) => {
      throw new KafkaError(
        `${error.message}; and the record cannot be put aside in topic '${topic}': ${refused.message}`,
        {
          code: 'DEAD_LETTER_REFUSED',
          retriable: false,
          outcome: 'failed',
          cause: refused,
        },
      )
    },
  }
}
