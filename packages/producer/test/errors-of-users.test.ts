import { memory } from '@kafkado/broker'
import { type AnyOperation, metadata, type Outcome, produce, QuotaExceededError } from '@kafkado/core'
import { intercept, KafkaClient } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** What an interceptor of a user throws: it is more than its fields. */
class Limited extends QuotaExceededError {
  readonly #account: string

  constructor(account: string, outcome: Outcome, retriable: boolean) {
    super(`too fast for ${account}`, { outcome, retriable })
    this.#account = account
  }

  account(): string {
    return this.#account
  }
}

describe("an error of a user's class", () => {
  let kafka: KafkaClient
  /** What the requests of an operation fail with, one after the other, after they were carried out. */
  let failing: AnyOperation
  let errors: Limited[]

  beforeEach(async () => {
    errors = []
    const transport = intercept(memory({ defaultPartitions: 1 }), (next) => async (operation, request, options) => {
      const answer = await next(operation, request, options)
      const error = operation === failing ? errors.shift() : undefined
      if (error) throw error
      return answer
    })
    kafka = new KafkaClient(transport)
    await kafka.admin.createTopic('orders')
  })

  afterEach(() => kafka.close())

  const toldBy = (work: Promise<unknown>): Promise<unknown> =>
    work.then(() => undefined).catch((error: unknown) => error)

  it('is what a send rejects with, and says that an earlier attempt may have written', async () => {
    failing = produce
    const last = new Limited('b', 'failed', false)
    errors = [new Limited('a', 'unknown', true), last]
    expect(await toldBy(kafka.produce('orders', 1))).toBe(last)
    expect([last.outcome, last.account()]).toEqual(['unknown', 'b'])
  })

  it.each([
    ['a transaction that is aborted', produce, () => kafka.transaction((tx) => tx.send('orders', 1))],
    ['a topic that is looked up', metadata, () => kafka.produce('orders', 1)],
  ] as const)(
    'comes with what says that nothing was written, of %s, and is left as others were told it',
    async (_what, operation, work) => {
      failing = operation
      const theirs = new Limited('a', 'unknown', false)
      errors = [theirs]
      const told = await toldBy(work())
      expect(told).toBeInstanceOf(QuotaExceededError)
      expect(told).toMatchObject({ outcome: 'failed', retriable: false, message: 'too fast for a' })
      expect((told as Error).cause).toBe(theirs)
      expect([theirs.outcome, theirs.account()]).toEqual(['unknown', 'a'])
    },
  )
})
