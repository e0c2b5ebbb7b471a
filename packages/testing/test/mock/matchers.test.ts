import { expect as jestExpect } from 'expect'
import { createMockKafka, type MockKafka } from '@kafkado/testing'
import { type ExpectedMessage, type KafkaMatchers, kafkaMatchers } from '@kafkado/testing/matchers'
import { defineTopic } from 'kafkado'
import { describe, expect, it } from 'vitest'

expect.extend(kafkaMatchers)
jestExpect.extend(kafkaMatchers)

type Expect = (kafka: unknown) => KafkaMatchers & { not: KafkaMatchers }

/** The parts of `expect` that match a part of a value. */
interface Runner {
  readonly expect: Expect
  readonly containing: (part: object) => unknown
}

const runners: Record<string, Runner> = {
  vitest: { expect: (kafka) => expect(kafka), containing: (part) => expect.objectContaining(part) },
  jest: {
    expect: (kafka) => jestExpect(kafka) as unknown as ReturnType<Expect>,
    containing: (part) => jestExpect.objectContaining(part),
  },
}

const orders = [
  { key: 'a', value: { id: 1, amount: 10 }, headers: { trace: 'x' }, timestamp: 1000 },
  { key: 'b', value: { id: 2, amount: 20 } },
  { key: 'a', value: { id: 3, amount: 30 } },
]

const mockWithOrders = async (): Promise<MockKafka> => {
  const kafka = createMockKafka()
  await kafka.seed('orders', orders)
  return kafka
}

/** The message of an assertion that has to fail, without colours. */
const failureOf = (assertion: () => unknown): string => {
  try {
    assertion()
  } catch (error) {
    return plain((error as Error).message)
  }
  throw new Error('it did not fail')
}

const rejectionOf = (assertion: Promise<void>): Promise<string> =>
  assertion.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: Error) => plain(error.message),
  )

// oxlint-disable-next-line no-control-regex -- colours begin with one
const plain = (text: string): string => text.replaceAll(/\u001B\[\d+m/g, '')

describe.each(Object.entries(runners))('with expect of %s', (_name, { expect: expectOf, containing }) => {
  it.each<[what: string, expected: ExpectedMessage | undefined, isThere: boolean]>([
    ['anything', undefined, true],
    ['a key', { key: 'b' }, true],
    ['another key', { key: 'c' }, false],
    ['a value', { value: { id: 2, amount: 20 } }, true],
    ['a value with something left out', { value: { id: 2 } }, false],
    ['a part of a value', { value: containing({ id: 2 }) }, true],
    ['the key of one and the value of another', { key: 'b', value: { id: 1, amount: 10 } }, false],
    ['headers', { headers: { trace: 'x' } }, true],
    ['other headers', { headers: { trace: 'y' } }, false],
    ['an offset and a partition', { offset: 2, partition: 0, key: 'a' }, true],
    ['a timestamp', { timestamp: 1000, offset: 0 }, true],
    ['another partition', { partition: 1 }, false],
    ['what is undefined counts as left out', { key: undefined, offset: 1 }, true],
  ])('toHaveProduced: %s', async (_what, expected, isThere) => {
    await using kafka = await mockWithOrders()
    if (isThere) {
      expectOf(kafka).toHaveProduced('orders', expected)
      expect(() => expectOf(kafka).not.toHaveProduced('orders', expected)).toThrow(/no message .*was expected/)
    } else {
      expectOf(kafka).not.toHaveProduced('orders', expected)
      expect(() => expectOf(kafka).toHaveProduced('orders', expected)).toThrow('was expected')
    }
  })

  it.each<[what: string, expected: ExpectedMessage[], isThere: boolean]>([
    ['all of them', [{ key: 'a' }, { key: 'b' }, { key: 'a' }], true],
    ['with one left out in between', [{ value: containing({ id: 1 }) }, { value: containing({ id: 3 }) }], true],
    ['the other way round', [{ value: containing({ id: 3 }) }, { value: containing({ id: 1 }) }], false],
    ['one twice that is there once', [{ key: 'b' }, { key: 'b' }], false],
    ['two that the same message matches', [{ key: 'a' }, { key: 'a' }, { key: 'a' }], false],
  ])('toHaveProducedInOrder: %s', async (_what, expected, isThere) => {
    await using kafka = await mockWithOrders()
    if (isThere) {
      expectOf(kafka).toHaveProducedInOrder('orders', expected)
      expect(() => expectOf(kafka).not.toHaveProducedInOrder('orders', expected)).toThrow('were not expected')
    } else {
      expectOf(kafka).not.toHaveProducedInOrder('orders', expected)
      expect(() => expectOf(kafka).toHaveProducedInOrder('orders', expected)).toThrow('were expected')
    }
  })

  it('toHaveCommitted asks what a group has committed, by whichever way', async () => {
    await using kafka = await mockWithOrders()
    await expectOf(kafka).not.toHaveCommitted('g', { topic: 'orders' })
    for await (const record of kafka.consumer('orders', { group: 'g' }).take(2)) await record.commit()
    // A matcher's own request is exempt from faults.
    kafka.faults.atRandom({ lostRequest: 1 })
    await expectOf(kafka).toHaveCommitted('g', { topic: 'orders', partition: 0, offset: 2 })
    await expectOf(kafka).toHaveCommitted('g', { topic: defineTopic('orders', { value: 'string' }) })
    await expectOf(kafka).not.toHaveCommitted('g', { topic: 'orders', offset: 1 })
    await expectOf(kafka).not.toHaveCommitted('g', { topic: 'orders', partition: 1 })
    await expectOf(kafka).not.toHaveCommitted('h', { topic: 'orders' })
    await expectOf(kafka).not.toHaveCommitted('g', { topic: 'others' })
    kafka.faults.clear()
  })

  it('say what was expected and what comes closest', async () => {
    await using kafka = await mockWithOrders()
    const wrong = (): void => expectOf(kafka).toHaveProduced('orders', { key: 'b', value: containing({ id: 4 }) })
    expect(failureOf(wrong)).toMatchInlineSnapshot(`
      "topic 'orders': a message with key "b", value ObjectContaining {"id": 4} was expected; of its 3 messages none is; the closest:
        partition 0 offset 1: key "b", value {"id":2,"amount":20} (differs in value)
        partition 0 offset 0: key "a", value {"id":1,"amount":10}, headers {"trace":"x"} (differs in key, value)
        partition 0 offset 2: key "a", value {"id":3,"amount":30} (differs in key, value)"
    `)
    expect(failureOf(() => expectOf(kafka).not.toHaveProduced('orders', { key: 'b' }))).toMatchInlineSnapshot(`
      "topic 'orders': no message with key "b" was expected, and there is
        partition 0 offset 1: key "b", value {"id":2,"amount":20}"
    `)
    expect(failureOf(() => expectOf(kafka).toHaveProduced('others'))).toMatchInlineSnapshot(
      `"topic 'others': a message was expected; nothing was written to topic 'others'"`,
    )
    const order = [{ key: 'b' }, { key: 'a', value: { id: 1, amount: 10 } }]
    expect(failureOf(() => expectOf(kafka).toHaveProducedInOrder('orders', order))).toMatchInlineSnapshot(`
      "topic 'orders': 2 messages in this order were expected:
        1. message with key "b"
        2. message with key "a", value {"amount": 10, "id": 1}
      Number 2 is not there after number 1, which is partition 0 offset 1; before it there is
        partition 0 offset 0: key "a", value {"id":1,"amount":10}, headers {"trace":"x"}
      The closest after it:
        partition 0 offset 2: key "a", value {"id":3,"amount":30} (differs in value)
      topic 'orders' has 3 messages:
        partition 0 offset 0: key "a", value {"id":1,"amount":10}, headers {"trace":"x"}
        partition 0 offset 1: key "b", value {"id":2,"amount":20}
        partition 0 offset 2: key "a", value {"id":3,"amount":30}"
    `)
    expect(
      await rejectionOf(expectOf(kafka).toHaveCommitted('g', { topic: 'orders', offset: 1 })),
    ).toMatchInlineSnapshot(
      `"group 'g' was expected to have committed topic "orders", offset 1; it has committed nothing"`,
    )
    for await (const record of kafka.consumer('orders', { group: 'g' }).take(2)) await record.commit()
    expect(await rejectionOf(expectOf(kafka).toHaveCommitted('g', { topic: 'orders', offset: 1 })))
      .toMatchInlineSnapshot(`
      "group 'g' was expected to have committed topic "orders", offset 1; it has committed
        topic 'orders' partition 0: offset 2"
    `)
  })

  it('refuse what cannot be meant', async () => {
    await using kafka = await mockWithOrders()
    const mistyped = { id: 2 } as ExpectedMessage
    expect(() => expectOf(kafka).not.toHaveProduced('orders', mistyped)).toThrow("messages have no 'id'")
    expect(() => expectOf({}).not.toHaveProduced('orders')).toThrow('takes the mock')
    expect(() => expectOf(kafka).not.toHaveProducedInOrder('orders', [])).toThrow('must be a list')
    await expect(expectOf(kafka).not.toHaveCommitted('g', { offset: 1 } as never)).rejects.toThrow(
      'topic, partition and offset',
    )
  })

  it('read by the serdes of the topic, and show what does not decode', async () => {
    await using kafka = createMockKafka()
    const names = defineTopic('names', { value: 'string' })
    await kafka.seed(names, [{ value: 'not JSON' }])
    expectOf(kafka).toHaveProduced(names, { value: 'not JSON' })
    expect(() => expectOf(kafka).toHaveProduced('names', { value: 'not JSON' })).toThrow('notDecoded')
  })
})
