import type { AnyOperation } from '@kafkado/core'
import { allOperations, encodeFrame, schemasOf } from '@kafkado/core/internal'
import { batchOf } from './batches.ts'
import { joined, SeededBytes } from './mutator.ts'
import { valueOf } from './schema-values.ts'

/** Bodies of requests and answers over HTTP, some for each operation. */

const encoder = new TextEncoder()
const perOperation = 3

export function bodiesOf(part: 'request' | 'response'): { operation: AnyOperation; body: Uint8Array }[] {
  const random = new SeededBytes(15)
  return allOperations.flatMap((operation) =>
    Array.from({ length: perOperation }, () => {
      const message = valueOf(schemasOf(operation)[part], random) as object
      return {
        operation,
        body: operation.records === part ? frameOf(message) : encoder.encode(JSON.stringify(message)),
      }
    }),
  )
}

/** With batches in the place of records. */
function frameOf(message: object): Uint8Array {
  const { topics } = message as { topics: { partitions: { records: Uint8Array }[] }[] }
  for (const { partitions } of topics) for (const partition of partitions) partition.records = batchOf({}, 2)
  return joined(...encodeFrame(message))
}
