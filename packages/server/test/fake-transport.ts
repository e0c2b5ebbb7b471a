import {
  type AnyOperation,
  KafkaError,
  type RequestOf,
  type ResponseOf,
  type SendOptions,
  type Transport,
} from '@kafkado/core'

type Answer<O extends AnyOperation> = (
  request: RequestOf<O>,
  options: SendOptions,
) => ResponseOf<O> | Promise<ResponseOf<O>>

/** A transport with answers set by the test. It keeps the requests. */
export class FakeTransport implements Transport {
  readonly sent: { operation: string; request: unknown; options: SendOptions }[] = []
  // Answers of all types by operation; `answer` ties each to its operation.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly #answers = new Map<AnyOperation, Answer<any>>()

  answer<O extends AnyOperation>(operation: O, answer: Answer<O>): this {
    this.#answers.set(operation, answer)
    return this
  }

  async send<O extends AnyOperation>(
    operation: O,
    request: RequestOf<O>,
    options: SendOptions = {},
  ): Promise<ResponseOf<O>> {
    this.sent.push({ operation: operation.name, request, options })
    const answer = this.#answers.get(operation)
    if (!answer)
      throw new KafkaError(`the fake transport has no answer for ${operation.name}`, {
        kafkaName: 'UNSUPPORTED_VERSION',
      })
    return (await answer(request, options)) as ResponseOf<O>
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** Waits until the signal aborts, as a long poll does. */
export function untilAborted({ signal }: SendOptions): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}
