import { concatenate } from './format/concatenate.ts'
import { attributesOf, recordBatchHeaderBytes, writeRecordBatchHeader } from './format/record-batch-header.ts'
import { encodeText, type Header } from './format/record-content.ts'
import { writeVarint } from './format/varint.ts'

/** A record whose key and value are bytes already. */
interface WholeRecord {
  /** Whole milliseconds. */
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly Header[]
}

interface ControlOptions {
  readonly producerId: number
  readonly producerEpoch: number
}

/** In front of the key: attributes, and the distances of 0 from the time and offset of the batch. */
const recordHead = /* @__PURE__ */ Uint8Array.of(0, 0, 0)

/**
 * The batch of a single record, as RecordBatchBuilder writes it: for dead letters and control records. A page that
 * reads needs no builder then, which is a large part of what a page loads.
 *
 * @param control makes it the control batch of a producer's transaction
 */
export function oneRecordBatch({ timestamp, key, value, headers }: WholeRecord, control?: ControlOptions): Uint8Array {
  const parts = [recordHead, ...field(key), ...field(value), varint(headers.length)]
  for (const [name, content] of headers) parts.push(...field(name), ...field(content))
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const batch = concatenate([new Uint8Array(recordBatchHeaderBytes), varint(length), ...parts])
  writeRecordBatchHeader(batch, {
    baseOffset: 0,
    partitionLeaderEpoch: -1,
    attributes: attributesOf(0, control !== undefined, control !== undefined),
    lastOffsetDelta: 0,
    baseTimestamp: timestamp,
    maxTimestamp: timestamp,
    producerId: -1,
    producerEpoch: -1,
    ...control,
    baseSequence: -1,
    recordsCount: 1,
  })
  return batch
}

/** A key, a value, or the name or value of a header, behind its length. */
function field(content: Uint8Array | string | null): Uint8Array[] {
  if (content === null) return [varint(-1)]
  const bytes = typeof content === 'string' ? encodeText(content) : content
  return [varint(bytes.length), bytes]
}

function varint(value: number): Uint8Array {
  const bytes = new Uint8Array(5)
  return bytes.subarray(0, writeVarint(bytes, 0, value))
}
