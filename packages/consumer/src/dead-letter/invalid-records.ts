import type { AnyKafkaRecord, Transport } from '@kafkado/core'
import type { ConsumerSettings } from '../consumer-config.ts'
import type { ConsumerEventTarget } from '../consumer-events.ts'
import { DeadLetterWriter } from './dead-letter-writer.ts'

interface InvalidRecordsEvents {
  /** The record is taken care of. */
  onDone(record: AnyKafkaRecord): void
  /** It cannot be put aside, so reading cannot go on. */
  onFailure(error: unknown): void
}

/** Leaves out records that do not decode, after they were put aside where that is asked for. */
export class InvalidRecords {
  readonly #deadLetters: DeadLetterWriter | undefined
  readonly #events: ConsumerEventTarget
  readonly #stopping: AbortSignal
  readonly #on: InvalidRecordsEvents

  constructor(
    transport: Transport,
    { onInvalid, runtime }: ConsumerSettings,
    events: ConsumerEventTarget,
    stopping: AbortSignal,
    on: InvalidRecordsEvents,
  ) {
    if (typeof onInvalid === 'object')
      this.#deadLetters = new DeadLetterWriter(transport, onInvalid.deadLetter, runtime, stopping)
    this.#events = events
    this.#stopping = stopping
    this.#on = on
  }

  leaveOut(record: AnyKafkaRecord, error: unknown): void {
    const { topic, partition, offset } = record
    const isAside = this.#deadLetters?.write(record, error) ?? Promise.resolve()
    isAside.then(
      () => {
        this.#events.emit('invalid', { topic, partition, offset, error })
        this.#on.onDone(record)
      },
      (failure: unknown) => {
        if (!this.#stopping.aborted) this.#on.onFailure(failure)
      },
    )
  }

  /** Resolves when what was to be put aside so far is, or has failed. */
  async idle(): Promise<void> {
    await this.#deadLetters?.idle()
  }
}
