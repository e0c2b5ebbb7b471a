// The tests of another team, whose only package of kafkado is the mock. Each runner brings its own `test`, and says how
// it compares and how its matchers are asked.
import { createMockKafka } from '@kafkado/testing'

/** The code under test, which knows nothing of the mock. */
async function invoicePaidOrders(kafka) {
  const consumer = kafka.consumer('orders', { group: 'billing' })
  for await (const { key, value } of consumer.take(2)) {
    await kafka.transaction(async (transaction) => {
      if (value.paid) await transaction.send('invoices', { total: value.amount }, { key })
      await transaction.commitOffsets(consumer)
    })
  }
  await consumer.close()
}

export function suite({ test, equal, differs, matches, fakeTime }) {
  test('paid orders are invoiced', async () => {
    const kafka = createMockKafka()
    await kafka.seed('orders', [
      { key: '123', value: { amount: 99.99, paid: true } },
      { key: '124', value: { amount: 1, paid: false } },
    ])
    await invoicePaidOrders(kafka)
    const [invoice] = await kafka.waitForMessages('invoices', { count: 1 })
    equal({ key: invoice.key, value: invoice.value }, { key: '123', value: { total: 99.99 } })
    await matches?.(kafka)
    await kafka.close()
  })

  test('records are compared by what is in them', async () => {
    const kafka = createMockKafka()
    await kafka.seed('orders', [{ orderId: '123' }, { orderId: '123' }, { orderId: '124' }])
    const [first, same, other] = kafka.getMessages('orders')
    equal(first.value, same.value)
    differs(first, other)
    equal(JSON.parse(JSON.stringify(other)).value, { orderId: '124' })
    await kafka.close()
  })

  test('a fault is told as it would be in production', async () => {
    const kafka = createMockKafka()
    kafka.faults.failNext('produce', 'TOPIC_AUTHORIZATION_FAILED')
    const failure = await kafka.produce('orders', { orderId: '123' }).then(
      () => undefined,
      (error) => error,
    )
    equal(
      [failure.name, failure.kafkaName, failure.outcome],
      ['UnauthorizedError', 'TOPIC_AUTHORIZATION_FAILED', 'failed'],
    )
    await kafka.close()
  })

  if (fakeTime)
    test('fake timers leave the mock going', async () => {
      const kafka = createMockKafka()
      fakeTime.start()
      try {
        await kafka.produce('orders', { orderId: '123' })
      } finally {
        fakeTime.stop()
      }
      equal(kafka.getMessages('orders').length, 1)
      await kafka.close()
    })

  test('a forgotten consumer does not keep the runner waiting', async () => {
    const kafka = createMockKafka()
    await kafka.seed('orders', [{ orderId: '123' }])
    const consumer = kafka.consumer('orders', { group: 'forgotten' })
    const first = await consumer[Symbol.asyncIterator]().next()
    equal(first.value.value, { orderId: '123' })
  })
}

/** For runners that are extended as jest is. */
export async function askMatchers(expect, kafka) {
  expect(kafka).toHaveProduced('invoices', { key: '123', value: { total: 99.99 } })
  expect(kafka).not.toHaveProduced('invoices', { key: '124' })
  await expect(kafka).toHaveCommitted('billing', { topic: 'orders', offset: 2 })
}
