import { readFileSync } from 'node:fs'

export interface TraceFrame {
  readonly op: 'W' | 'Y' | 'T' | 'B' | 'D' | 'C' | 'R' | 'U' | 'F' | 'A' | 'E'
  readonly isSynchronous: boolean
  readonly file: number
  readonly offset: number
  readonly bytes: Buffer
}

/** What record-writes.c noted. */
export function readTrace(path: string): TraceFrame[] {
  const trace = readFileSync(path)
  const frames: TraceFrame[] = []
  // A process that was ended by what it was told to fail at may leave half a frame.
  for (let position = 0; position + 15 <= trace.length;) {
    const length = trace.readUInt32LE(position + 11)
    if (position + 15 + length > trace.length) break
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
