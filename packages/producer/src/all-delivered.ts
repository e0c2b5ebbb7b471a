import type { RecordMetadata } from '@kafkado/core'
import type { Waiter } from './producer-batch.ts'

/**
 * One promise for many records that are sent together, as a promise for each would cost more than the record does. It rejects with the first
 * error; the other records are sent all the same, as they are when each is sent by itself.
 *
 * @param send sends one of them, and tells by its functions how that went
 */
export function allDelivered<T>(
  messages: readonly T[],
  send: (message: T, resolve: Waiter['resolve'], reject: Waiter['reject']) => void,
): Promise<RecordMetadata[]> {
  return new Promise((resolve, reject) => {
    const delivered: RecordMetadata[] = []
    let left = messages.length
    if (left === 0) resolve(delivered)
    messages.forEach((message, index) =>
      send(
        message,
        (metadata) => {
          delivered[index] = metadata
          if (--left === 0) resolve(delivered)
        },
        reject,
      ),
    )
  })
}
