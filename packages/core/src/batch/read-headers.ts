import { decodeText } from './format/record-content.ts'
import { VarintReader } from './format/varint-reader.ts'

/** The headers of a record in order, with nulls and repeated names as they were sent. */
export function readHeaders(
  bytes: Uint8Array,
  start: number,
  count: number,
): [name: string, value: Uint8Array | null][] {
  const reader = new VarintReader(bytes, start, bytes.length)
  const headers: [string, Uint8Array | null][] = []
  for (let index = 0; index < count; index++) {
    const nameLength = reader.int32()
    const nameStart = reader.skip(nameLength, bytes.length)
    const name = decodeText(bytes.subarray(nameStart, nameStart + nameLength))
    const valueLength = reader.int32()
    const valueStart = valueLength < 0 ? -1 : reader.skip(valueLength, bytes.length)
    headers.push([name, valueLength < 0 ? null : bytes.subarray(valueStart, valueStart + valueLength)])
  }
  return headers
}
