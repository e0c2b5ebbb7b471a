import { closeSync, openSync, readSync, writeSync } from 'node:fs'

/** What a member of the group, or whoever ends it, notes. */
export type ChurnNote =
  | { readonly member: string; readonly what: 'assigned' | 'gone'; readonly partitions: readonly number[] }
  | { readonly member: string; readonly what: 'processed'; readonly partition: number; readonly offset: number }
  /** It was killed or stands still: whatever it has, others may get. */
  | { readonly member: string; readonly what: 'dead' }

/** One file to which all processes append whole lines, so that its order is the order in which things happened. */
export class ChurnJournal implements Disposable {
  readonly #file: number
  #position = 0
  #rest = ''

  constructor(path: string) {
    this.#file = openSync(path, 'a+')
  }

  write(note: ChurnNote): void {
    writeSync(this.#file, `${JSON.stringify(note)}\n`)
  }

  /** What was noted since it was asked last. */
  read(): ChurnNote[] {
    const chunk = Buffer.alloc(1024 * 1024)
    let text = this.#rest
    for (let length = -1; length !== 0;) {
      length = readSync(this.#file, chunk, 0, chunk.length, this.#position)
      this.#position += length
      text += chunk.toString('latin1', 0, length)
    }
    const lines = text.split('\n')
    this.#rest = lines.pop() ?? ''
    return lines.map((line) => JSON.parse(line) as ChurnNote)
  }

  [Symbol.dispose](): void {
    closeSync(this.#file)
  }
}
