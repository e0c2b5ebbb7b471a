import { gzipSync, zstdCompressSync } from 'node:zlib'
import { concatenate, crc32c, recordBatchFieldsAt as at } from '@kafkado/core/internal'
import { batch, rawBatch, rawRecords } from '@kafkado/testing/conformance'
import { produceOf } from '../place/every-request.ts'
import { everything } from '../place/keys.ts'
import { negatives } from '../place/negatives.ts'
import { frame } from '../place/raw-http.ts'

/** Batches that are not what they say, or more than they look. */

const one = batch([{ value: 'x' }])
const writing = (records: Uint8Array, change: object = {}): string =>
  frame({ ...produceOf(['mine'], records), ...change })
/** With another header, and its checksum right again unless it is the checksum that lies. */
const changed = (change: (view: DataView) => void, isSealed = true): string => {
  const copy = Uint8Array.from(one)
  const view = new DataView(copy.buffer)
  change(view)
  if (isSealed) view.setUint32(at.crc, crc32c(copy, at.attributes))
  return writing(copy)
}
const ofAnother = (view: DataView): void => {
  view.setBigInt64(at.producerId, 5n)
  view.setInt32(at.recordsCount, 0)
}
const corrupt = 'CORRUPT_MESSAGE'
const invalid = 'INVALID_RECORD'
const large = 'MESSAGE_TOO_LARGE'
const records = (...given: Parameters<typeof rawRecords>): string => writing(rawBatch(rawRecords(...given)))

negatives('a batch is refused', [
  ['whose checksum is wrong', 200, corrupt, changed((view) => view.setUint32(at.crc, 1), false)],
  ['whose content has another bit', 200, corrupt, changed((view) => view.setUint8(one.length - 1, 3), false)],
  ['of the format before', 200, invalid, changed((view) => view.setInt8(at.magic, 1))],
  ['of a format to come', 200, corrupt, changed((view) => view.setInt8(at.magic, 3))],
  ['that says it is longer', 200, corrupt, changed((view) => view.setInt32(at.batchLength, one.length + 100))],
  ['that says it is shorter', 200, corrupt, changed((view) => view.setInt32(at.batchLength, one.length - 13))],
  ['of a negative length', 200, corrupt, changed((view) => view.setInt32(at.batchLength, -1))],
  ['that is cut off', 200, corrupt, writing(one.subarray(0, one.length - 1))],
  ['of half a header', 200, corrupt, writing(one.subarray(0, 30))],
  ['of nothing', 200, corrupt, writing(new Uint8Array(0))],
  ['of zeros', 200, corrupt, writing(new Uint8Array(100))],
  [
    'of zeros behind the right magic',
    200,
    corrupt,
    writing(Uint8Array.from({ length: 100 }, (_, index) => (index === at.magic ? 2 : 0))),
  ],
  [
    'of noise behind the right magic',
    200,
    corrupt,
    writing(Uint8Array.from({ length: 100 }, (_, index) => (index === at.magic ? 2 : index))),
  ],
  [
    'of another producer, and of no checksum',
    200,
    corrupt,
    changed((view) => view.setBigInt64(at.producerId, 5n), false),
  ],
  ['of another producer, and of no record', 200, invalid, changed(ofAnother)],
  ['behind another', 200, invalid, writing(concatenate([one, one]))],
  ['that ends a transaction', 200, invalid, changed((view) => view.setInt16(at.attributes, 0x20))],
  ['of a codec that is none', 200, 'UNSUPPORTED_COMPRESSION_TYPE', changed((view) => view.setInt16(at.attributes, 5))],
  ['that counts more records', 200, invalid, changed((view) => view.setInt32(at.recordsCount, 2))],
  ['that counts very many records', 200, invalid, changed((view) => view.setInt32(at.recordsCount, 2 ** 31 - 1))],
  ['that counts no record', 200, invalid, changed((view) => view.setInt32(at.recordsCount, 0))],
  ['that begins elsewhere', 200, invalid, changed((view) => view.setBigInt64(at.baseOffset, 5n))],
  ['of a producer that is not exact', 200, corrupt, changed((view) => view.setBigInt64(at.producerId, 2n ** 60n))],
  ['without any record', 200, invalid, writing(rawBatch(new Uint8Array(0), { recordsCount: 0 }))],
  ['whose record is too short', 200, invalid, records({ lengthError: -1 })],
  ['whose record is huge', 200, invalid, records({ lengthError: 2 ** 30 })],
  ['whose record is of a negative length', 200, invalid, records({ length: [1] })],
  ['whose key is huge', 200, invalid, records({ key: 'k', keyLength: 2 ** 30 })],
  ['whose value is longer than it', 200, invalid, records({ valueLength: 100 })],
  ['whose headers are very many', 200, invalid, records({ headersCount: 2 ** 30 })],
  ['whose headers are fewer than none', 200, invalid, records({ headersCount: -1 })],
  ['whose header has no name', 200, invalid, records({ headers: [[-1, '', 1, 'v']] })],
])

const packed = (attributes: number, bytes: Uint8Array, recordsCount = 1): string =>
  writing(rawBatch(bytes, { attributes, recordsCount }), {})
const zeros = new Uint8Array(64 * 1024 * 1024)
/** One frame of blocks, each with a zero that is repeated some 4 million times: 20 MB from 80 kB. */
function bombOfLz4(...statedSize: number[]): Uint8Array {
  const flags = 0x60 | (statedSize.length > 0 ? 0x08 : 0)
  const head = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, flags, 0x70, ...statedSize, statedSize.length > 0 ? 0 : 0x73)
  const lengths = new Uint8Array(16_000).fill(255)
  const block = concatenate([Uint8Array.of(0x1f, 0, 1, 0), lengths, Uint8Array.of(0, 0x50, 0, 0, 0, 0, 0)])
  const size = new Uint8Array(4)
  new DataView(size.buffer).setUint32(0, block.length, true)
  return concatenate([head, ...Array.from({ length: 5 }, () => [size, block]).flat(), new Uint8Array(4)])
}
/** A length of 2^32 - 1 and one literal. */
const bombOfSnappy = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0)
const bombs = { limits: { maxBodyBytes: 400_000 } }

negatives(
  'what is packed is refused',
  [
    ['as gzip that grows a thousandfold', 200, large, packed(1, gzipSync(zeros))],
    ['as zstd that grows ten thousandfold', 200, large, packed(4, zstdCompressSync(zeros))],
    ['as lz4 that grows more than two hundredfold', 200, large, packed(3, bombOfLz4())],
    ['as lz4 that grows so and says it is one byte long', 200, large, packed(3, bombOfLz4(1, 0, 0, 0, 0, 0, 0, 0))],
    ['as lz4 that is cut off', 200, invalid, packed(3, bombOfLz4().subarray(0, 16_000))],
    ['as snappy that says it is huge', 200, large, packed(2, bombOfSnappy)],
    ['as gzip that is none', 200, invalid, packed(1, new Uint8Array(50))],
    ['as snappy that is none', 200, invalid, packed(2, new Uint8Array(50).fill(255))],
    ['as lz4 that is none', 200, invalid, packed(3, new Uint8Array(50))],
    ['as zstd that is none', 200, invalid, packed(4, new Uint8Array(50))],
    ['as gzip that is cut off', 200, invalid, packed(1, gzipSync(rawRecords({})).subarray(0, -9))],
    ['as gzip of something else', 200, invalid, packed(1, gzipSync('no record at all'))],
    ['with another count', 200, invalid, packed(1, gzipSync(rawRecords({})), 3)],
  ],
  bombs,
)

const asked = (change: object): string => frame({ ...produceOf(['mine']), ...change })
const topics = (...given: { topic: string; partition: number }[]): object => ({
  topics: given.map(({ topic, partition }) => ({ topic, partitions: [{ partition, records: one }] })),
})

negatives(
  'a produce is refused',
  [
    ['of an acks that is none', 400, 'INVALID_REQUIRED_ACKS', asked({ acks: 2 })],
    ['of a negative partition', 200, 'UNKNOWN_TOPIC_OR_PARTITION', asked(topics({ topic: 'mine', partition: -1 }))],
    ['of a partition too many', 200, 'UNKNOWN_TOPIC_OR_PARTITION', asked(topics({ topic: 'mine', partition: 2 }))],
    [
      'of the greatest partition',
      200,
      'UNKNOWN_TOPIC_OR_PARTITION',
      asked(topics({ topic: 'mine', partition: 2 ** 31 - 1 })),
    ],
    [
      'of a partition twice',
      400,
      'INVALID_REQUEST',
      asked(topics({ topic: 'mine', partition: 0 }, { topic: 'mine', partition: 0 })),
    ],
    ['of a batch larger than the topic takes', 200, large, writing(batch([{ value: 'x'.repeat(1_100_000) }]))],
    [
      'of many batches for one partition',
      400,
      'INVALID_REQUEST',
      asked(topics(...Array.from({ length: 40 }, () => ({ topic: 'mine', partition: 1 })))),
    ],
    [
      'in a transaction that nobody began',
      403,
      'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      frame(
        {
          ...produceOf(
            ['mine'],
            batch([{ value: 'x' }], { producerId: 77, producerEpoch: 0, baseSequence: 0, isTransactional: true }),
          ),
          transactionalId: 'mine-none',
        },
        { key: everything },
      ),
    ],
  ],
  {
    limits: {
      maxBodyBytes: 2_000_000,
      maxBytesInFlight: 9_000_000,
      maxBytesInFlightPerKey: 4_000_000,
      maxBytesPerConnection: 4_000_000,
    },
  },
)
