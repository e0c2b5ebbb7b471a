import { type Clock, KafkaError } from '@kafkado/core'
import { bounded } from '@kafkado/core/internal'
import type { StreamsSettings } from '../../settings/streams-settings.ts'
import type { Task } from '../../task/task.ts'

/** Fails after so many rounds in a row without a commit; fewer may be a moment's trouble. */
const mostRounds = 3

/**
 * Waits for asynchronous operators before a commit. With exactly once, it waits at most as long as the transaction
 * lives: then the records are processed again, and if that happens again and again, the application fails.
 */
export class SlowOperators {
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #timeoutMs: number
  #rounds = 0

  constructor({ isExactlyOnce, transactionTimeoutMs, commitIntervalMs, runtime }: StreamsSettings) {
    this.#clock = runtime.clock
    this.#timeoutMs = transactionTimeoutMs
    // When a commit is due, its transaction already has this age.
    this.#limitMs = isExactlyOnce ? transactionTimeoutMs - commitIntervalMs : Infinity
  }

  /** @throws KafkaError when they take too long; the signal's reason when it aborts first */
  async drain(tasks: readonly Task[], over: AbortSignal): Promise<void> {
    if (!tasks.some(({ asynchronous }) => asynchronous.isBusy)) {
      for (const { asynchronous } of tasks) asynchronous.throwIfFailed()
      return
    }
    const timedOut = (): KafkaError => this.#late(tasks)
    const bounds = { clock: this.#clock, timeoutMs: this.#limitMs, timedOut, signals: [over] }
    await bounded(async () => {
      for (const { asynchronous } of tasks) await asynchronous.drain()
    }, bounds)
  }

  onCommitted(): void {
    this.#rounds = 0
  }

  #late(tasks: readonly Task[]): KafkaError {
    this.#rounds++
    const busy = tasks.filter(({ asynchronous }) => asynchronous.isBusy).map(({ id }) => id)
    return new KafkaError(
      `task ${busy.join(', ')}: an asynchronous operator was not done when its transaction timed out, ` +
        `after ${this.#timeoutMs} ms, ${this.#rounds} times in a row; so nothing can be committed. ` +
        'Raise producer.transactionTimeout, or lower the time or the concurrency of mapAsync()',
      { code: 'OPERATOR_TOO_SLOW', retriable: this.#rounds < mostRounds, outcome: 'failed' },
    )
  }
}
