import type { Mutant } from './mutant.ts'

/** In when a producer sends what it has to send, and sends it again. */
export const producerSendingMutants: readonly Mutant[] = [
  {
    name: 'clock-read-twice-in-one-decision',
    breaks: 'A batch whose wait ends between two readings of the clock is neither sent nor waited for.',
    file: 'packages/producer/src/send/sender.ts',
    text: 'this.#planWakeUp(nowMs)\n',
    replacement: 'this.#planWakeUp(this.#settings.runtime.clock.monotonic())\n',
    gate: { file: 'packages/producer/test/passing-time-of-code.test.ts' },
  },
  {
    name: 'no-wait-between-attempts',
    breaks: 'With `retryBackoffMs: 0`, an engine in this process that refuses again and again takes every turn.',
    file: 'packages/core/src/retry/patience.ts',
    text: 'Math.max(waitMs, shortestBackoffMs, ',
    replacement: 'Math.max(waitMs, ',
    gate: { file: 'packages/producer/test/refused-without-backoff.test.ts' },
  },
]
