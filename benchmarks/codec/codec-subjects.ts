import { createRequire } from 'node:module'
import {
  readRecordBatchHeader,
  readRecords,
  RecordBatchBuilder,
  unpackRecordBatch,
  type UnpackedRecordBatch,
} from '@kafkado/core/internal'
import { createRecordsBatch, Reader, readRecordsBatch } from '@platformatic/kafka'

/** Texts in, a record batch out; and the values of a record batch as bytes. */
export interface CodecSubject {
  encode(texts: readonly string[]): Uint8Array | Promise<Uint8Array>
  /** Looks at every value, as text when it is to be parsed. */
  decode(batch: Uint8Array, look: (value: Uint8Array) => void): void | Promise<void>
}

const require = createRequire(import.meta.url)
const Decoder = require('kafkajs/src/protocol/decoder')
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0')
const Record = require('kafkajs/src/protocol/recordBatch/record/v0')
const decodeRecordBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder')

const timestamp = Date.UTC(2026, 10, 24)

/** As a producer does it, a batch has at once as much room as the last one needed. */
let usualBytes: number | undefined

const kafkado: CodecSubject = {
  encode(texts) {
    const builder = new RecordBatchBuilder(usualBytes)
    for (const value of texts) builder.append({ timestamp, key: null, value, headers: [] })
    usualBytes = builder.sizeInBytes
    return builder.build()
  },
  decode(batch, look) {
    const unpacked = unpackRecordBatch(batch, readRecordBatchHeader(batch)) as UnpackedRecordBatch
    readRecords(unpacked, (bytes, _offset, _timestamp, _keyStart, _keyEnd, start, end) =>
      look(bytes.subarray(start, end)),
    )
  },
}

const platformatic: CodecSubject = {
  encode(texts) {
    const messages = texts.map((text) => ({ topic: 't', value: Buffer.from(text), timestamp: BigInt(timestamp) }))
    return createRecordsBatch(messages).buffer
  },
  decode(batch, look) {
    for (const { value } of readRecordsBatch(Reader.from(batch as Buffer)).records) if (value) look(value)
  },
}

const kafkajs: CodecSubject = {
  async encode(texts) {
    const records = texts.map((text, offsetDelta) =>
      Record({ offsetDelta, timestampDelta: 0, key: null, value: Buffer.from(text) }),
    )
    const options = { lastOffsetDelta: texts.length - 1, firstTimestamp: timestamp, maxTimestamp: timestamp, records }
    return (await RecordBatch(options)).buffer as Uint8Array
  },
  async decode(batch, look) {
    const { records } = await decodeRecordBatch(new Decoder(batch as Buffer))
    for (const { value } of records) look(value)
  },
}

export const codecSubjects: Readonly<Record<string, CodecSubject>> = {
  kafkado,
  '@platformatic/kafka': platformatic,
  kafkajs,
}
