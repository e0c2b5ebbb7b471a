import type { Random } from '@kafkado/core'
import type { TraceFrame } from './disk-trace.ts'
import { FileContent } from './file-content.ts'

/** Disks write sectors whole; what is larger than one can be torn. */
const sectorBytes = 512

interface PendingWrite {
  readonly frame: TraceFrame
  isBeforeSync: boolean
}

interface SimulatedFile {
  readonly durable: FileContent
  pending: PendingWrite[]
}

/** A disk that a trace is played to, and what may be on it when the power fails. */
export class SimulatedDisk {
  /** Lines that were written to acknowledged.log before now. */
  readonly acknowledged: string[] = []
  /**
   * What became of the writes that were not yet synced, over all cuts; and how often a file got the name of another.
   */
  readonly counts = { kept: 0, lost: 0, torn: 0, replaced: 0 }
  readonly #files = new Map<number, SimulatedFile>()
  /** The folder's names as they were last synced, and what was done to them since. */
  readonly #names = new Map<string, number>()
  #pendingNames: TraceFrame[] = []
  readonly #isLying: boolean

  /** @param isLying a disk that says it has synced and has not: the test must find out */
  constructor(isLying = false) {
    this.#isLying = isLying
  }

  play(frame: TraceFrame): void {
    switch (frame.op) {
      case 'A':
        this.acknowledged.push(...frame.bytes.toString('utf8').trim().split('\n'))
        return
      case 'E':
        return
      case 'C':
        this.#files.set(frame.file, { durable: new FileContent(), pending: [] })
        this.#pendingNames.push(frame)
        return
      case 'R':
      case 'U':
        this.#pendingNames.push(frame)
        return
      case 'F':
        for (const pending of this.#pendingNames.splice(0)) this.counts.replaced += rename(this.#names, pending)
        return
      default:
        this.#playToFile(frame)
    }
  }

  /** Everything that was done is durable. */
  settle(): void {
    for (const pending of this.#pendingNames.splice(0)) rename(this.#names, pending)
    for (const file of this.#files.values()) for (const { frame } of file.pending.splice(0)) file.durable.put(frame)
  }

  /**
   * What is on the disk when the power fails now: all that is durable, of the names what was done up to some moment,
   * and of the writes whatever chance has kept, in no order.
   */
  afterPowerCut(random: Random): Map<string, Buffer> {
    const names = new Map(this.#names)
    const kept = Math.floor(random.next() * (this.#pendingNames.length + 1))
    for (const pending of this.#pendingNames.slice(0, kept)) rename(names, pending)
    const found = new Map<string, Buffer>()
    for (const [name, number] of names) {
      const file = this.#files.get(number)
      if (file) found.set(name, this.#remains(file, random))
    }
    return found
  }

  #playToFile(frame: TraceFrame): void {
    const file = this.#files.get(frame.file) ?? { durable: new FileContent(), pending: [] }
    this.#files.set(frame.file, file)
    if (frame.op === 'W' || frame.op === 'T') file.pending.push({ frame, isBeforeSync: false })
    else if (frame.op === 'B') for (const pending of file.pending) pending.isBeforeSync = true
    else if (!this.#isLying) {
      const isDurable = ({ frame: { isSynchronous, offset }, isBeforeSync }: PendingWrite): boolean =>
        frame.op === 'D' ? isBeforeSync : isSynchronous && offset === frame.offset
      for (const pending of file.pending) if (isDurable(pending)) file.durable.put(pending.frame)
      file.pending = file.pending.filter((pending) => !isDurable(pending))
    }
  }

  #remains({ durable, pending }: SimulatedFile, random: Random): Buffer {
    const survival = [0, 0.2, 0.5, 0.8, 1][Math.floor(random.next() * 5)] as number
    const image = durable.copy()
    for (const { frame } of pending) {
      if (random.next() >= survival) this.counts.lost++
      else if (random.next() < 0.7 || frame.bytes.length <= sectorBytes) {
        this.counts.kept++
        image.put(frame)
      } else {
        this.counts.torn++
        for (let start = 0; start < frame.bytes.length; start += sectorBytes) {
          const bytes = frame.bytes.subarray(start, start + sectorBytes)
          if (random.next() < 0.5) image.put({ ...frame, offset: frame.offset + start, bytes })
        }
      }
    }
    return image.bytes
  }
}

/** Does to the names what was done to the folder; returns 1 when a file has taken the place of another. */
function rename(names: Map<string, number>, { op, file, bytes }: TraceFrame): 0 | 1 {
  const name = bytes.toString('utf8')
  if (op === 'U') {
    names.delete(name)
    return 0
  }
  const isReplaced = op === 'R' && names.has(name)
  for (const [other, number] of names) if (number === file) names.delete(other)
  names.set(name, file)
  return isReplaced ? 1 : 0
}
