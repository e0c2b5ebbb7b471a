import {
  type AnyOperation,
  type Interceptor,
  type KafkaErrorName,
  type RequestOf,
  type ResponseOf,
  codeOf,
} from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'

interface PlannedFault {
  readonly operation: string
  readonly error: KafkaErrorName
}

/** A response in which every partition carries the error, for operations that answer by partition. */
const partitionFields: Readonly<Record<string, object>> = {
  produce: { baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 },
  fetch: {
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    abortedTransactions: null,
    records: new Uint8Array(0),
  },
  listOffsets: { timestamp: -1, offset: -1 },
  offsetCommit: {},
}

/** Failures to order: what a test wants to go wrong, one request each. */
export class Faults {
  readonly #planned: PlannedFault[] = []

  /**
   * Lets the next request of an operation fail, which is then not carried out. Operations that answer by partition answer with the error in
   * each, as a broker does; the others reject.
   *
   * @param operation the name of the operation: `produce`, `fetch`, `offsetCommit`, …
   * @param error Kafka's name of the error
   */
  failNext(operation: string, error: KafkaErrorName): void {
    this.#planned.push({ operation, error })
  }

  /** How many ordered failures have not happened yet. */
  get pending(): number {
    return this.#planned.length
  }

  /** Forgets what was ordered. */
  clear(): void {
    this.#planned.length = 0
  }

  /** What puts the failures between a client and its transport. */
  readonly interceptor: Interceptor = (next) => async (operation, request, options) => {
    const index = this.#planned.findIndex((planned) => planned.operation === operation.name)
    if (index < 0) return next(operation, request, options)
    const { error } = this.#planned.splice(index, 1)[0] as PlannedFault
    return failure(operation, request, error)
  }
}

function failure<O extends AnyOperation>(operation: O, request: RequestOf<O>, error: KafkaErrorName): ResponseOf<O> {
  const fields = partitionFields[operation.name]
  const detail = 'a fault that the test ordered'
  if (!fields) throw errorOfCode(error, { detail })
  const { topics } = request as { topics: { topic: string; partitions: { partition: number }[] }[] }
  const answers = topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition }) => ({
      partition,
      errorCode: codeOf(error),
      errorMessage: detail,
      ...fields,
    })),
  }))
  return { throttleTimeMs: 0, topics: answers } as ResponseOf<O>
}
