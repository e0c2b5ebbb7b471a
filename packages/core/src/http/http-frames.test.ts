import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidRequestError } from '../errors/kafka-error.ts'
import { decodeFrame, encodeFrame } from './http-frames.ts'

function whole(parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

function frameOf(header: string | Uint8Array, ...batches: number[][]): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, text.length)
  return whole([length, text, ...batches.map((batch) => Uint8Array.from(batch))])
}

const partitionWith = (byteLength: string): string =>
  `{"topics":[{"topic":"a","partitions":[{"partition":0,"byteLength":${byteLength}}]}]}`

describe('a frame', () => {
  it('has the length of its header, the header, and the batches as they are', () => {
    const batch = Uint8Array.of(9, 8)
    const parts = encodeFrame({ acks: -1, topics: [{ topic: 'a', partitions: [{ partition: 3, records: batch }] }] })
    const header = '{"acks":-1,"topics":[{"topic":"a","partitions":[{"partition":3,"byteLength":2}]}]}'
    expect(whole(parts)).toEqual(frameOf(header, [9, 8]))
    expect(parts.at(-1)).toBe(batch)
  })

  it('gives slices of itself, also when it is itself a slice', () => {
    const frame = frameOf(partitionWith('2'), [1, 2])
    const room = new Uint8Array(frame.length + 20)
    room.set(frame, 7)
    const message = decodeFrame(room.subarray(7, 7 + frame.length)) as {
      topics: { partitions: { records: Uint8Array }[] }[]
    }
    const records = message.topics[0]?.partitions[0]?.records
    expect(records).toEqual(Uint8Array.of(1, 2))
    expect(records?.buffer).toBe(room.buffer)
    expect(message).toEqual({ topics: [{ topic: 'a', partitions: [{ partition: 0, records: Uint8Array.of(1, 2) }] }] })
  })

  it('comes back as it was, whatever its batches', () => {
    const partition = fc.record({ partition: fc.nat(), records: fc.uint8Array({ maxLength: 40 }) })
    const topic = fc.record({
      topic: fc.string({ unit: 'grapheme' }),
      partitions: fc.array(partition, { maxLength: 4 }),
    })
    fc.assert(
      fc.property(fc.record({ throttleTimeMs: fc.integer(), topics: fc.array(topic, { maxLength: 4 }) }), (message) => {
        expect(decodeFrame(whole(encodeFrame(message)))).toEqual(message)
      }),
    )
  })

  it.each([
    ['nothing', new Uint8Array(0), /shorter than 4 bytes/],
    ['three bytes', new Uint8Array(3), /shorter than 4 bytes/],
    ['an empty header', frameOf(''), /header is not JSON/],
    ['a header longer than the frame', Uint8Array.of(0, 0, 0, 9, 1), /header of 9 bytes reaches beyond/],
    ['a header of 4 GiB', Uint8Array.of(255, 255, 255, 255, 1), /header of 4294967295 bytes reaches beyond/],
    ['a header that is not JSON', frameOf('{"topics":'), /header is not JSON/],
    ['a header that is not UTF-8', frameOf(Uint8Array.of(0x22, 0xff, 0x22)), /header is not JSON/],
    ['a header that is null', frameOf('null'), /no topics with partitions/],
    ['no topics', frameOf('{}'), /no topics with partitions/],
    ['topics that are no list', frameOf('{"topics":{}}'), /no topics with partitions/],
    ['a topic that is null', frameOf('{"topics":[null]}'), /no topics with partitions/],
    ['a topic without partitions', frameOf('{"topics":[{"topic":"a"}]}'), /no topics with partitions/],
    ['a partition that is a number', frameOf('{"topics":[{"partitions":[1]}]}'), /no topics with partitions/],
    ['no byteLength', frameOf('{"topics":[{"partitions":[{}]}]}'), /no byteLength/],
    ['a byteLength that is a text', frameOf(partitionWith('"1"'), [1]), /no byteLength/],
    ['a negative byteLength', frameOf(partitionWith('-1'), [1]), /no byteLength/],
    ['half a byte', frameOf(partitionWith('0.5'), [1]), /no byteLength/],
    ['an endless byteLength', frameOf(partitionWith('1e400'), [1]), /no byteLength/],
    ['a byteLength beyond exact numbers', frameOf(partitionWith('9007199254740993'), [1]), /no byteLength/],
    ['batches that are cut off', frameOf(partitionWith('2'), [1]), /cut off/],
    ['bytes after the last batch', frameOf(partitionWith('1'), [1, 2, 3]), /2 bytes after the last batch/],
  ])('is refused when it is or has %s', (_, frame, message) => {
    expect(() => decodeFrame(frame)).toThrow(InvalidRequestError)
    expect(() => decodeFrame(frame)).toThrow(message)
  })

  it('never fails in another way, whatever the bytes', () => {
    const valid = frameOf(partitionWith('3'), [1, 2, 3])
    const damaged = fc.tuple(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length)).map(([at, byte, length]) => {
      const bytes = valid.slice(0, length)
      if (at < bytes.length) bytes[at] = byte
      return bytes
    })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), damaged), (bytes) => {
        try {
          decodeFrame(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidRequestError)
        }
      }),
    )
  })

  it('does not reach a prototype through its field names', () => {
    decodeFrame(
      frameOf('{"__proto__":{"polluted":1},"topics":[{"partitions":[{"__proto__":{"polluted":1},"byteLength":0}]}]}'),
    )
    expect('polluted' in {}).toBe(false)
  })
})
