import type { KafkaRecord, Transport } from '@kafkado/core'
import type { ConsumerSettings } from '../settings/consumer-config.ts'
import type { ConsumerEventTarget } from '../settings/consumer-events.ts'
import type { Arrivals } from '../partition/arrivals.ts'
import type { WorkInHand } from '../partition/work-in-hand.ts'
import { DeadLetterWriter } from './dead-letter-writer.ts'

interface InvalidParts<V, K> {
  readonly transport: Transport
  readonly settings: ConsumerSettings
  readonly events: ConsumerEventTarget
  readonly work: WorkInHand<V, K>
  readonly arrivals: Arrivals
  readonly stopping: AbortSignal
}

/** Skips records that cannot be decoded, after copying them to the dead-letter topic if there is one. */
export class InvalidRecords<V, K> {
  readonly #parts: InvalidParts<V, K>
  readonly #deadLetters: DeadLetterWriter | undefined

  constructor(parts: InvalidParts<V, K>) {
    this.#parts = parts
    const { transport, settings, stopping } = parts
    const { onInvalid, runtime } = settings
    if (typeof onInvalid === 'object')
      this.#deadLetters = new DeadLetterWriter({ transport, topic: onInvalid.deadLetter, runtime, signal: stopping })
  }

  leaveOut(record: KafkaRecord<V, K>, error: unknown): void {
    const { events, work, arrivals, stopping } = this.#parts
    const { topic, partition, offset } = record
    const isAside = this.#deadLetters?.write(record, error) ?? Promise.resolve()
    isAside.then(
      () => {
        events.emit('invalid', { topic, partition, offset, error })
        work.finish(record)
      },
      (failure: unknown) => {
        // Without its dead letter the record must not be skipped, so reading ends.
        if (!stopping.aborted) arrivals.fail(failure)
      },
    )
  }

  /** Resolves when all dead letters so far are written or have failed. */
  async idle(): Promise<void> {
    await this.#deadLetters?.idle()
  }
}
