import type { Serde } from '@kafkado/core'
import type { Header } from '@kafkado/core/internal'
import { requireBytes } from '../../state/stored-bytes.ts'
import { headerBytes, readHeaders } from '../../state/stored-headers.ts'

/** A record that waits for late rows, besides its key and time. */
export interface WaitingRecord {
  readonly value: unknown
  /** Null for none, so that a record of plain data is held without serialising it. */
  readonly headers: readonly Header[] | null
}

/** `whether headers follow (1) · headers, if any · value` */
export function waitingRecordSerde(inner: Serde<unknown>): Serde<unknown> {
  return {
    serialize(record, context) {
      const { value, headers } = record as WaitingRecord
      const before = headers ? headerBytes(headers) : new Uint8Array()
      const content = inner.serialize(value, context)
      const bytes = new Uint8Array(1 + before.length + content.length)
      bytes[0] = headers ? 1 : 0
      bytes.set(before, 1)
      bytes.set(content, 1 + before.length)
      return bytes
    },
    deserialize(bytes, context): WaitingRecord {
      requireBytes(bytes, 1)
      if ((bytes[0] as number) > 1)
        throw new RangeError(`a waiting record begins with ${bytes[0]}, which is no form of one`)
      const { headers, end } = bytes[0] === 1 ? readHeaders(bytes, 1) : { headers: null, end: 1 }
      return { value: inner.deserialize(bytes.subarray(end), context), headers }
    },
  }
}
