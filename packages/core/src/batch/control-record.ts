import { oneRecordBatch } from './one-record-batch.ts'

/**
 * Control records tell how a transaction ended. Their batch has the transactional and the control bit, and one record:
 *
 *     key     int16 version 0 · int16 type, 0 abort, 1 commit
 *     value   int16 version 0 · int32 epoch of the transaction coordinator
 */
export type ControlRecordType = 'abort' | 'commit'

const types: readonly ControlRecordType[] = ['abort', 'commit']

/** There is one coordinator, and it never changes. */
const coordinatorEpoch = 0

/** The batch that ends a producer's transaction in one partition. */
export function buildControlBatch(
  type: ControlRecordType,
  producerId: number,
  producerEpoch: number,
  timestamp: number,
): Uint8Array {
  const key = new Uint8Array(4)
  new DataView(key.buffer).setInt16(2, types.indexOf(type))
  const value = new Uint8Array(6)
  new DataView(value.buffer).setInt32(2, coordinatorEpoch)
  return oneRecordBatch({ timestamp, key, value, headers: [] }, { producerId, producerEpoch })
}

/** The meaning of a control record with this key. Undefined for types of newer Kafka versions, which readers skip. */
export function controlRecordType(bytes: Uint8Array, keyStart: number): ControlRecordType | undefined {
  return types[((bytes[keyStart + 2] as number) << 8) | (bytes[keyStart + 3] as number)]
}
