import { createProducer } from '@kafkado/producer'
import { createMockKafka, ManualClock, type WaitForMessagesOptions } from '@kafkado/testing'
import { defineTopic, KafkaError } from 'kafkado'
import { expect, it } from 'vitest'

it('resolves at once with what is there', async () => {
  await using kafka = createMockKafka()
  await kafka.seed('orders', [1, 2, 3])
  expect(await kafka.waitForMessages('orders', { count: 2 })).toEqual(kafka.getMessages('orders'))
  expect(await kafka.waitForMessages('orders')).toHaveLength(3)
})

it('waits for what the code under test sends in its own time, as a client or over the mock as a transport', async () => {
  await using kafka = createMockKafka()
  const waited = kafka.waitForMessages('orders', { count: 2 })
  await kafka.produce('others', 0)
  await kafka.produce('orders', 1)
  const producer = createProducer(kafka, 'orders')
  await producer.send(2)
  await producer.close()
  expect((await waited).map(({ value }) => value)).toEqual([1, 2])
})

it('resolves with the messages that match, read by the serdes of the topic', async () => {
  await using kafka = createMockKafka()
  const names = defineTopic('names', { value: 'string', key: 'int64' })
  const waited = kafka.waitForMessages(names, { match: ({ value, key }) => value === 'not JSON' && key === 7 })
  await kafka.seed(names, [
    { value: 'not JSON', key: 6 },
    { value: 'not JSON', key: 7 },
  ])
  expect((await waited).map(({ offset, value }) => [offset, value])).toEqual([[1, 'not JSON']])
  expect(kafka.getMessages(names).map(({ key }) => key)).toEqual([6, 7])
})

it('is told by the machine how long it waits: with a clock that stands still it says what is missing', async () => {
  const kafka = createMockKafka({ clock: new ManualClock() })
  const sent = kafka.produce('orders', { orderId: '1' }, { key: 'k' })
  const waited = kafka.waitForMessages('orders', { count: 2, timeout: 20 })
  await kafka.clock.advanceAsync('1s')
  await sent
  const error = await waited.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(KafkaError)
  expect(error).toMatchObject({ code: 'TIMEOUT', outcome: 'failed' })
  expect((error as Error).message).toMatchInlineSnapshot(`
    "waitForMessages('orders'): 2 messages wanted, 1 came within 20 ms; topic 'orders' has 1 message:
      partition 0 offset 0: key "k", value {"orderId":"1"}
    The mock's ManualClock stands still, and producers wait for lingerMs by it: advance it while you wait, by kafka.clock.advanceAsync('1s')"
  `)
  const closing = kafka.close()
  await kafka.clock.advanceAsync('10s')
  await closing
})

it.each<[what: string, options: WaitForMessagesOptions, message: string]>([
  [
    'too few',
    { count: 3 },
    "waitForMessages('orders'): 3 messages wanted, 2 came within 1 ms; topic 'orders' has 2 messages",
  ],
  ['none that matches', { match: () => false }, '1 message that match wanted, 0 came'],
])('says what was wanted and what is there: %s', async (_what, options, message) => {
  await using kafka = createMockKafka()
  await kafka.seed('orders', [{ value: { amount: 41 }, key: 'k-1', headers: { trace: 'a' } }, { value: 2 }])
  const waited = kafka.waitForMessages('orders', { ...options, timeout: 1 })
  await expect(waited).rejects.toThrow(message)
  await expect(waited).rejects.toThrow('partition 0 offset 0: key "k-1", value {"amount":41}, headers {"trace":"a"}')
})

it('says that nothing was written at all', async () => {
  await using kafka = createMockKafka()
  await expect(kafka.waitForMessages('orders', { timeout: 1 })).rejects.toThrow("nothing was written to topic 'orders'")
})

it('ends with its signal, with the mock, and with what match throws', async () => {
  const kafka = createMockKafka()
  const abort = new AbortController()
  const aborted = kafka.waitForMessages('orders', { signal: abort.signal })
  abort.abort(new Error('the test is over'))
  await expect(aborted).rejects.toThrow('the test is over')
  const match = (): boolean => {
    throw new Error('no such field')
  }
  const failing = kafka.waitForMessages('orders', { match })
  const closed = kafka.waitForMessages('others')
  await kafka.produce('orders', 1)
  await expect(failing).rejects.toThrow('no such field')
  const rejected = expect(closed).rejects.toThrow('the mock was closed while somebody waited')
  await kafka.close()
  await rejected
})

it('refuses options that do not exist or cannot be', async () => {
  await using kafka = createMockKafka()
  await expect(kafka.waitForMessages('orders', { cuont: 2 } as never)).rejects.toThrow("no option 'cuont'")
  await expect(kafka.waitForMessages('orders', { count: 0 })).rejects.toThrow('count')
})

it('shows what a transaction has written once it is committed, and never what was aborted', async () => {
  await using kafka = createMockKafka()
  await kafka
    .transaction(async (tx) => {
      await tx.send('orders', 'aborted')
      throw new Error('no')
    })
    .catch(() => undefined)
  await kafka.transaction('orders', async (tx) => {
    await tx.send('committed')
    expect(kafka.getMessages('orders')).toEqual([])
  })
  await kafka.transaction('orders', async (tx) => void (await tx.send('too')))
  expect(kafka.getMessages('orders').map(({ value }) => value)).toEqual(['committed', 'too'])
  const seen: unknown[] = []
  for await (const { value } of kafka.consumer('orders').take(2)) seen.push(value)
  expect(seen).toEqual(['committed', 'too'])
})

it('sees the records of a topic that was deleted and made anew', async () => {
  await using kafka = createMockKafka()
  for (const value of ['before', 'after']) {
    await kafka.admin.createTopic('orders')
    await kafka.seed('orders', [value])
    await kafka.admin.deleteTopic('orders')
  }
  expect(kafka.getMessages('orders').map(({ value }) => value)).toEqual(['before', 'after'])
})
