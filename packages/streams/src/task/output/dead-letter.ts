import { deadLetterHeaders } from '@kafkado/consumer/internal'
import { KafkaError } from '@kafkado/core'
import type { StreamsError } from '../../errors/streams-error.ts'
import type { Outgoing } from './outgoing.ts'

/**
 * Makes the dead letter of a failed record: its key, value and headers unchanged, so that it can be sent again, and
 * headers with its origin and the reason. Without a current record it holds only the reason. Kafka: KIP-1034.
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
