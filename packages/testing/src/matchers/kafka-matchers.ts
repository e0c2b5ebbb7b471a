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
 * If messages are still on their way, call `kafka.waitForMessages(…)` first. The import also brings the types; for
 * `expect` of `@jest/globals`, add `declare module 'expect' { interface Matchers<R> extends KafkaMatchers<R> {} }`.
 */
export const kafkaMatchers = { toHaveProduced, toHaveProducedInOrder, toHaveCommitted }

/** The matchers that {@link kafkaMatchers} adds to `expect(kafka)`; each also works after `.not`. */
export interface KafkaMatchers<R = void> {
  /**
   * A matching message was written to the topic, among any others. Messages of a transaction count once it is
   * committed.
   *
   * @param topic a definition reads keys and values by its serdes, a name reads them as JSON
   * @param expected default: any message
   */
  toHaveProduced<V, K>(topic: TopicLike<V, K>, expected?: ExpectedMessage): R
  /** Messages were acknowledged in this order; others may lie in between. */
  toHaveProducedInOrder<V, K>(topic: TopicLike<V, K>, expected: readonly ExpectedMessage[]): R
  /**
   * A group has committed such an offset. Await it. It asks once: consumers commit by themselves every
   * `autoCommitInterval` and when they are closed; `await record.commit()` commits at once.
   */
  toHaveCommitted(group: string, expected: ExpectedCommit): Promise<void>
}

declare global {
  namespace Chai {
    /** vitest's interface. */
    interface Assertion extends KafkaMatchers {}
  }
  namespace jest {
    // Names and defaults follow @types/jest, as all declarations have to agree.
    interface Matchers<R, T = {}> extends KafkaMatchers<R> {}
  }
}
