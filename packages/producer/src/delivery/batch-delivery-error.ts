import { KafkaError, type RecordMetadata } from '@kafkado/core'
import { copyByFields, messageOf } from '@kafkado/core/internal'

/**
 * At least one record of a `sendBatch()` was not delivered; `results` tells what became of each. The error speaks for
 * the whole batch: its outcome is `failed` only when no record was written, and it is retriable only when every failure
 * is.
 */
export class BatchDeliveryError extends KafkaError {
  static override readonly code = 'BATCH_DELIVERY'

  /** What became of each record, in the order of the batch. */
  readonly results: readonly PromiseSettledResult<RecordMetadata>[]

  /** @param results at least one of them is rejected */
  constructor(topic: string, results: readonly PromiseSettledResult<RecordMetadata>[]) {
    const reasons = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as unknown)
    const errors = reasons.filter((reason) => KafkaError.is(reason))
    const codes = new Set(errors.map(({ kafkaCode }) => kafkaCode))
    const areKafkas = errors.length === reasons.length
    const nothingWritten = reasons.length === results.length && errors.every(({ outcome }) => outcome === 'failed')
    const [cause] = reasons
    const because = messageOf(cause)
    super(
      `topic '${topic}': ${reasons.length} of ${results.length} records were not delivered; the first: ${because}`,
      {
        cause,
        // A code that all failures share, or none.
        kafkaCode: codes.size === 1 && areKafkas ? [...codes][0] : undefined,
        retriable: areKafkas && errors.every(({ retriable }) => retriable),
        outcome: nothingWritten ? 'failed' : 'unknown',
      },
    )
    this.results = results
  }
}

copyByFields(BatchDeliveryError)
