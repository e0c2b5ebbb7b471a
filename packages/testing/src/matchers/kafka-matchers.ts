import type { TopicLike } from '@kafkado/core'
import { type ExpectedCommit, toHaveCommitted } from './committed.ts'
import type { ExpectedMessage } from './expected-message.ts'
import { toHaveProduced, toHaveProducedInOrder } from './produced.ts'

/**
 * Matchers for `expect` of vitest and jest, over the mock of `createMockKafka()`. Once, in a test or a setup file:
 *
 * ```ts
 * import { kafkaMatchers } from '@kafkado/testing/matchers'
 * expect.extend(kafkaMatchers)
 *
 * expect(kafka).toHaveProduced('orders', { key: '123', value: expect.objectContaining({ amount: 99.99 }) })
 * expect(kafka).toHaveProducedInOrder('orders', [{ key: '123' }, { key: '124' }])
 * await expect(kafka).toHaveCommitted('billing', { topic: 'orders', offset: 2 })
 * ```
 *
 * What is still under way is waited for by `kafka.waitForMessages(…)` before. Their types come with the import; for
 * `expect` of `@jest/globals` add `declare module 'expect' { interface Matchers<R> extends KafkaMatchers<R> {} }`.
 */
export const kafkaMatchers = { toHaveProduced, toHaveProducedInOrder, toHaveCommitted }

/** What {@link kafkaMatchers} add to `expect(kafka)`; each with `.not` before it too. */
export interface KafkaMatchers<R = void> {
  /**
   * A message was written to the topic that is as expected, whichever others were. Those of a transaction count once it
   * is committed.
   *
   * @param topic a definition reads keys and values by its serdes, a name reads them as JSON
   * @param expected default: any message
   */
  toHaveProduced<V, K>(topic: TopicLike<V, K>, expected?: ExpectedMessage): R
  /** Messages were written to the topic in this order of acknowledgement; others may have come in between. */
  toHaveProducedInOrder<V, K>(topic: TopicLike<V, K>, expected: readonly ExpectedMessage[]): R
  /**
   * A group has committed such an offset. Has to be awaited. It is asked once: consumers commit by themselves every
   * `autoCommitInterval` and when they are closed, `await record.commit()` does at once.
   */
  toHaveCommitted(group: string, expected: ExpectedCommit): Promise<void>
}

declare global {
  namespace Chai {
    /** Of vitest. */
    interface Assertion extends KafkaMatchers {}
  }
  namespace jest {
    // Names and defaults are those of @types/jest, as all declarations need the same.
    interface Matchers<R, T = {}> extends KafkaMatchers<R> {}
  }
}
