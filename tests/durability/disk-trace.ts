import { readFileSync } from 'node:fs'
import type { Random } from '@kafkado/core'

/** Disks write sectors whole; what is larger than one can be torn. */
const sectorBytes = 512

export interface TraceFrame {
  readonly op: 'W' | 'Y' | 'B' | 'D' | 'R' | 'F' | 'A'
  readonly isSynchronous: boolean
  readonly file: number
  readonly offset: number
  readonly bytes: Buffer
}

/** What record-writes.c noted. */
export function readTrace(path: string): TraceFrame[] {
  const trace = readFileSync(path)
  const frames: TraceFrame[] = []
  for (let position = 0; position < trace.length;) {
    const length = trace.readUInt32LE(position + 11)
    frames.push({
      op: String.fromCharCode(trace[position] as number) as TraceFrame['op'],
      isSynchronous: trace[position + 1] === 1,
      file: trace[position + 2] as number,
      offset: Number(trace.readBigInt64LE(position + 3)),
      bytes: trace.subarray(position + 15, position + 15 + length),
    })
    position += 15 + length
  }
  return frames
}

interface PendingWrite {
  readonly frame: TraceFrame
  isBeforeSync: boolean
}

interface SimulatedFile {
  durable: Buffer
  pending: PendingWrite[]
}

/** A disk that a trace is played to, and what may be on it when the power fails. */
export class SimulatedDisk {
  /** Lines that were written to acknowledged.log before now. */
  readonly acknowledged: string[] = []
  readonly counts = { kept: 0, lost: 0, torn: 0, replaced: 0 }
  readonly #files = new Map<number, SimulatedFile>()
  /** The file that is called data.mdb; before the folder is synced it may still be the one before. */
  #named: number | undefined
  #namedBefore: number | undefined
  readonly #isLying: boolean

  /** @param isLying a disk that says it has synced and has not: the test must find out */
  constructor(isLying = false) {
    this.#isLying = isLying
  }

  play(frame: TraceFrame): void {
    if (frame.op === 'A') this.acknowledged.push(...frame.bytes.toString('utf8').trim().split('\n'))
    else if (frame.op === 'R') {
      this.#namedBefore = this.#named
      if (this.#named !== undefined) this.counts.replaced++
      this.#named = frame.file
    } else if (frame.op === 'F') {
      if (this.#namedBefore !== undefined && this.#namedBefore !== this.#named) this.#files.delete(this.#namedBefore)
      this.#namedBefore = this.#named
    } else this.#playToFile(frame)
  }

  /** What is on the disk when the power fails now: all that is durable, and of the rest whatever chance has kept, in no order. */
  afterPowerCut(random: Random): Map<string, Buffer> {
    const named = random.next() < 0.5 ? this.#named : this.#namedBefore
    const found = new Map<string, Buffer>()
    for (const [number, file] of this.#files) {
      const content = this.#remains(file, random)
      if (content.length > 0) found.set(number === named ? 'data.mdb' : `data.mdb.new-${number}`, content)
    }
    return found
  }

  #playToFile(frame: TraceFrame): void {
    const file = this.#files.get(frame.file) ?? { durable: Buffer.alloc(0), pending: [] }
    this.#files.set(frame.file, file)
    if (frame.op === 'W') file.pending.push({ frame, isBeforeSync: false })
    else if (frame.op === 'B') for (const pending of file.pending) pending.isBeforeSync = true
    else if (!this.#isLying) {
      const isDurable = ({ frame: { isSynchronous, offset }, isBeforeSync }: PendingWrite): boolean =>
        frame.op === 'D' ? isBeforeSync : isSynchronous && offset === frame.offset
      for (const pending of file.pending) if (isDurable(pending)) file.durable = put(file.durable, pending.frame)
      file.pending = file.pending.filter((pending) => !isDurable(pending))
    }
  }

  #remains({ durable, pending }: SimulatedFile, random: Random): Buffer {
    const survival = [0, 0.2, 0.5, 0.8, 1][Math.floor(random.next() * 5)] as number
    let image: Buffer = Buffer.from(durable)
    for (const { frame } of pending) {
      if (random.next() >= survival) this.counts.lost++
      else if (random.next() < 0.7 || frame.bytes.length <= sectorBytes) {
        this.counts.kept++
        image = put(image, frame)
      } else {
        this.counts.torn++
        for (let start = 0; start < frame.bytes.length; start += sectorBytes) {
          const bytes = frame.bytes.subarray(start, start + sectorBytes)
          if (random.next() < 0.5) image = put(image, { ...frame, offset: frame.offset + start, bytes })
        }
      }
    }
    return image
  }
}

function put(image: Buffer, { offset, bytes }: TraceFrame): Buffer {
  const end = offset + bytes.length
  const grown = end > image.length ? Buffer.concat([image], end) : image
  bytes.copy(grown, offset)
  return grown
}
