import type { KafkaErrorName } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import { mostIdentifierBytes } from './text-bounds.ts'

const encoder = new TextEncoder()

/**
 * Checks a client's id of a group, a member or a transaction, or its rack.
 *
 * @param what the word for it in the message
 * @throws KafkaError with the given name
 */
export function checkIdentifier(what: string, id: string | null, errorName: KafkaErrorName = 'INVALID_REQUEST'): void {
  if (id === null) return
  if (id === '') throw errorOfCode(errorName, { detail: `the ${what} is empty` })
  if (id.includes('\0')) throw errorOfCode(errorName, { detail: `the ${what} contains a NUL character` })
  if (id.length > mostIdentifierBytes / 3 && encoder.encode(id).length > mostIdentifierBytes)
    throw errorOfCode(errorName, { detail: `the ${what} is longer than ${mostIdentifierBytes} bytes of UTF-8` })
}
