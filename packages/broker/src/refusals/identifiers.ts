import type { KafkaErrorName } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'

/** Names become parts of storage keys, whose length is limited. Kafka's limit is 32,767. */
const longestBytes = 512

const encoder = new TextEncoder()

/**
 * Checks a client's id of a group, a member or a transaction.
 *
 * @param what the word for it in the message
 * @throws KafkaError with the given name
 */
export function checkIdentifier(what: string, id: string | null, errorName: KafkaErrorName = 'INVALID_REQUEST'): void {
  if (id === null) return
  if (id === '') throw errorOfCode(errorName, { detail: `the ${what} is empty` })
  if (id.includes('\0')) throw errorOfCode(errorName, { detail: `the ${what} contains a NUL character` })
  if (id.length > longestBytes / 3 && encoder.encode(id).length > longestBytes)
    throw errorOfCode(errorName, { detail: `the ${what} is longer than ${longestBytes} bytes of UTF-8` })
}
