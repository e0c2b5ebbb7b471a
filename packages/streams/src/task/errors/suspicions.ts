import type { KafkaRecord } from '@kafkado/core'

type Place = Pick<KafkaRecord, 'topic' | 'partition' | 'offset'>

/**
 * What has ended a session although only one record is to blame, which nobody can tell until it is processed again: an output that was refused when it was
 * a part of a transaction already, and a state value that could not be written when it was to be committed. Kept from one session to the next.
 */
export class Suspicions {
  readonly #outputs = new Map<string, Error>()
  readonly #states = new Map<string, ReadonlyMap<string, number>>()

  /** What was made of the record for a topic was refused, and will be again. */
  suspectOutput(record: Place, sink: string, error: Error): void {
    this.#outputs.set(nameOf(record, sink), error)
  }

  /** Why what is made of the record for a topic need not be sent. */
  outputError(record: Place | undefined, sink: string): Error | undefined {
    return this.#outputs.size === 0 || !record ? undefined : this.#outputs.get(nameOf(record, sink))
  }

  /** One of the records before these positions, by topic, leaves state that cannot be written: it is tried at once when they come again. */
  suspectState(task: string, positions: ReadonlyMap<string, number>): void {
    this.#states.set(task, positions)
  }

  /** Up to where the state of a task has to be tried at once. */
  suspectedState(task: string): ReadonlyMap<string, number> | undefined {
    return this.#states.get(task)
  }

  clearState(task: string): void {
    this.#states.delete(task)
  }
}

function nameOf({ topic, partition, offset }: Place, sink: string): string {
  return `${topic}/${partition}/${offset} ${sink}`
}
