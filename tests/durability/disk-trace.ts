import { readFileSync } from 'node:fs'
import type { Random } from '@kafkado/core'

/** Disks write sectors whole; what is larger than one can be torn. */
const sectorBytes = 512

export interface TraceFrame {
  readonly op: 'W' | 'Y' | 'B' | 'D' | 'R' | 'A'
  readonly isSynchronous: boolean
  readonly offset: number
  readonly bytes: Buffer
}

/** What record-writes.c noted. */
export function readTrace(path: string): TraceFrame[] {
  const trace = readFileSync(path)
  const frames: TraceFrame[] = []
  for (let position = 0; position < trace.length;) {
    const length = trace.readUInt32LE(position + 10)
    frames.push({
      op: String.fromCharCode(trace[position] as number) as TraceFrame['op'],
      isSynchronous: trace[position + 1] === 1,
      offset: Number(trace.readBigInt64LE(position + 2)),
      bytes: trace.subarray(position + 14, position + 14 + length),
    })
    position += 14 + length
  }
  return frames
}

interface PendingWrite {
  readonly frame: TraceFrame
  isBeforeSync: boolean
}

/** A disk that a trace is played to, and what may be on it when the power fails. */
export class SimulatedDisk {
  /** Lines that were written to acknowledged.log before now. */
  readonly acknowledged: string[] = []
  /** What the file is called. */
  fileName = 'data.mdb.new'
  readonly counts = { kept: 0, lost: 0, torn: 0 }
  #durable: Buffer = Buffer.alloc(0)
  #pending: PendingWrite[] = []
  readonly #isLying: boolean

  /** @param isLying a disk that says it has synced and has not: the test must find out */
  constructor(isLying = false) {
    this.#isLying = isLying
  }

  play(frame: TraceFrame): void {
    if (frame.op === 'A') this.acknowledged.push(...frame.bytes.toString('utf8').trim().split('\n'))
    else if (frame.op === 'R') this.fileName = 'data.mdb'
    else if (frame.op === 'W') this.#pending.push({ frame, isBeforeSync: false })
    else if (frame.op === 'B') for (const pending of this.#pending) pending.isBeforeSync = true
    else if (!this.#isLying) {
      const isDurable = ({ frame: { isSynchronous, offset }, isBeforeSync }: PendingWrite): boolean =>
        frame.op === 'D' ? isBeforeSync : isSynchronous && offset === frame.offset
      for (const pending of this.#pending) if (isDurable(pending)) this.#durable = put(this.#durable, pending.frame)
      this.#pending = this.#pending.filter((pending) => !isDurable(pending))
    }
  }

  /** What is on the disk when the power fails now: all that is durable, and of the rest whatever chance has kept, in no order. */
  afterPowerCut(random: Random): Buffer {
    const survival = [0, 0.2, 0.5, 0.8, 1][Math.floor(random.next() * 5)] as number
    let image: Buffer = Buffer.from(this.#durable)
    for (const { frame } of this.#pending) {
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
