import type { ChurnNote } from './churn-journal.ts'

/** What a group has committed of a partition; null: nothing. */
export interface CommittedOffset {
  readonly partition: number
  readonly committed: number | null
}

/** Reads what a group's members have noted, in its order, and tells what must not be. */
export class ChurnJudge {
  readonly violations: string[] = []
  repeated = 0
  readonly #processed: Set<number>[]
  readonly #owners = new Map<number, string>()
  readonly #joined = new Set<string>()
  #hasCommitted = false

  constructor(partitions: number) {
    this.#processed = Array.from({ length: partitions }, () => new Set<number>())
  }

  get processed(): number {
    return this.#processed.reduce((sum, { size }) => sum + size, 0)
  }

  /** How many members have ever got partitions. */
  get joined(): number {
    return this.#joined.size
  }

  /**
   * @param offsets what the group had committed at some time before the last of the notes; undefined when there was no
   *   group, as before anybody has joined
   * @param notes those since the last look
   */
  look(offsets: readonly CommittedOffset[] | undefined, notes: readonly ChurnNote[]): void {
    for (const note of notes) this.read(note)
    if (!offsets && this.#hasCommitted) this.violations.push('the group is not there, although it had committed')
    for (const { partition, committed } of offsets ?? []) if (committed !== null) this.committed(partition, committed)
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
    this.#hasCommitted = true
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
    this.#joined.add(member)
    const owner = this.#owners.get(partition)
    if (owner !== undefined && owner !== member)
      this.violations.push(`${member} got partition ${partition}, which ${owner} still has`)
    this.#owners.set(partition, member)
  }

  #drop(member: string, partition: number): void {
    if (this.#owners.get(partition) === member) this.#owners.delete(partition)
  }
}
