import type { ChurnNote } from './churn-journal.ts'

/** Reads what a group's members have noted, in its order, and tells what must not be. */
export class ChurnJudge {
  readonly violations: string[] = []
  repeated = 0
  readonly #processed: Set<number>[]
  readonly #owners = new Map<number, string>()

  constructor(partitions: number) {
    this.#processed = Array.from({ length: partitions }, () => new Set<number>())
  }

  get processed(): number {
    return this.#processed.reduce((sum, { size }) => sum + size, 0)
  }

  read(note: ChurnNote): void {
    const { member } = note
    if (note.what === 'processed') this.#process(note.partition, note.offset)
    else if (note.what === 'assigned') for (const partition of note.partitions) this.#assign(member, partition)
    else
      for (const partition of note.what === 'dead' ? [...this.#owners.keys()] : note.partitions)
        this.#drop(member, partition)
  }

  /** @param committed what the group had committed at some time before everything that was read until now */
  committed(partition: number, committed: number): void {
    const processed = this.#processed[partition] as Set<number>
    for (let offset = 0; offset < committed; offset++) {
      if (!processed.has(offset))
        this.violations.push(`${committed} is committed of partition ${partition}, where ${offset} is not processed`)
    }
  }

  /** @param end the offset after the last record of the partition */
  ended(partition: number, end: number): void {
    const processed = this.#processed[partition] as Set<number>
    for (let offset = 0; offset < end; offset++)
      if (!processed.has(offset)) this.violations.push(`record ${partition}/${offset} was never processed`)
  }

  #process(partition: number, offset: number): void {
    const processed = this.#processed[partition] as Set<number>
    if (processed.has(offset)) this.repeated++
    processed.add(offset)
  }

  #assign(member: string, partition: number): void {
    const owner = this.#owners.get(partition)
    if (owner !== undefined && owner !== member)
      this.violations.push(`${member} got partition ${partition}, which ${owner} still has`)
    this.#owners.set(partition, member)
  }

  #drop(member: string, partition: number): void {
    if (this.#owners.get(partition) === member) this.#owners.delete(partition)
  }
}
