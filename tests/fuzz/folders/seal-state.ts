import { crc32c } from '@kafkado/core/internal'
import { changeJson } from '../json-change.ts'
import type { RandomBytes } from '../target.ts'

const headBytes = 20
const frameBytes = 16
const recordBytes = 22
const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

interface Frame {
  readonly at: number
  readonly recordsEnd: number
  readonly end: number
}

/**
 * Makes the checksums of a state folder right again, as far as its files have places for them. It reads them itself, so
 * that a fault in what is fuzzed does not hide here.
 */
export function sealState(files: ReadonlyMap<string, Buffer>): void {
  for (const [name, bytes] of files) {
    if (/^\d+\.state/.test(name)) sealStateFile(bytes)
    else if (/^\d+\.index/.test(name)) sealSnapshot(bytes)
  }
}

function sealStateFile(bytes: Buffer): void {
  const start = jsonEnd(bytes)
  if (start === undefined) return
  bytes.writeUInt32LE(crc32c(bytes, 12, start), 8)
  let previous = nonceIn(bytes.toString('utf8', headBytes, start))
  for (const { at, recordsEnd, end } of framesOf(bytes, start)) {
    for (let record = at + frameBytes; record + recordBytes <= recordsEnd;) {
      const next = recordEnd(bytes, record)
      if (next > recordsEnd) break
      bytes.writeUInt32LE(crc32c(bytes, record + 4, next), record)
      record = next
    }
    if (previous !== undefined) bytes.writeUInt32LE(previous, at + 4)
    previous = crc32c(bytes, at + 4, end)
    bytes.writeUInt32LE(previous, at)
  }
}

function sealSnapshot(bytes: Buffer): void {
  const start = jsonEnd(bytes)
  if (start === undefined) return
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  words.setUint32(12, crc32c(bytes, headBytes, start), littleEndian)
  for (let at = start; at + 12 <= bytes.length;) {
    const entries = words.getUint32(at + 8, littleEndian)
    const end = at + 12 + 8 * entries + 4 * Math.ceil(entries / 2)
    if (end > bytes.length) return
    words.setUint32(at, crc32c(bytes, at + 4, end), littleEndian)
    at = end
  }
}

/** Where the JSON ends that such a file begins with. */
function jsonEnd(bytes: Buffer): number | undefined {
  const end = bytes.length < headBytes ? headBytes : headBytes + bytes.readUInt32LE(16)
  return end <= bytes.length ? end : undefined
}

function nonceIn(json: string): number | undefined {
  const [, nonce] = /"nonce":(\d{1,10})\b/.exec(json) ?? []
  return Number(nonce) < 2 ** 32 ? Number(nonce) : undefined
}

function framesOf(bytes: Buffer, start: number): Frame[] {
  const frames: Frame[] = []
  for (let at = start; at + frameBytes <= bytes.length;) {
    const recordsEnd = at + frameBytes + bytes.readUInt32LE(at + 8)
    const end = recordsEnd + bytes.readUInt32LE(at + 12)
    if (end > bytes.length) break
    frames.push({ at, recordsEnd, end })
    at = end
  }
  return frames
}

function recordEnd(bytes: Buffer, at: number): number {
  const valueBytes = bytes.readUInt32LE(at + 18)
  return at + recordBytes + bytes.readUInt32LE(at + 14) + (valueBytes === 0xffffffff ? 0 : valueBytes)
}

const lengths = [0, 1, 2, 21, 22, 23, 255, 256, 65_535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1]

/**
 * Other JSON in one place, with its length; another number in the head of a frame or of a record; or a frame that is
 * sound, where it does not belong.
 */
export function changeStateFile(_name: string, bytes: Buffer, random: RandomBytes): Buffer {
  const start = jsonEnd(bytes)
  const frames = start === undefined ? [] : framesOf(bytes, start)
  if (start === undefined) return bytes
  if (frames.length === 0 || random.below(3) === 0) return withOtherJson(bytes, headBytes, start, 16, random)
  if (random.below(6) === 0) return withFrameElsewhere(bytes, frames, random)
  const { at, recordsEnd, end } = random.pick(frames)
  if (end > recordsEnd && random.below(2) === 0) return withOtherJson(bytes, recordsEnd, end, at + 12, random)
  const changed = Buffer.from(bytes)
  const record = at + frameBytes
  const field =
    random.below(3) === 0 || record + recordBytes > recordsEnd
      ? at + random.pick([4, 8, 12])
      : record + random.pick([4, 6, 10, 14, 18])
  const before = changed.readUInt32LE(field)
  changed.writeUInt32LE(random.below(2) === 0 ? random.pick(lengths) : (before + random.pick([1, -1, 4])) >>> 0, field)
  return changed
}

function withOtherJson(bytes: Buffer, from: number, to: number, lengthAt: number, random: RandomBytes): Buffer {
  const json = changeJson(bytes.subarray(from, to), random)
  const head = Buffer.from(bytes.subarray(0, from))
  if (lengthAt + 4 <= head.length) head.writeUInt32LE(json.length, lengthAt)
  return Buffer.concat([head, json, bytes.subarray(to)])
}

/** One of its frames is missing, or stands once more before or behind another, as after a write that failed. */
function withFrameElsewhere(bytes: Buffer, frames: readonly Frame[], random: RandomBytes): Buffer {
  const { at, end } = random.pick(frames)
  if (random.below(3) === 0) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)])
  const place = random.pick(random.pick(frames.map((frame) => [frame.at, frame.end])))
  return Buffer.concat([bytes.subarray(0, place), bytes.subarray(at, end), bytes.subarray(place)])
}
