import { once } from 'node:events'
import { defineTopic, int64, InvalidRequestError, type KafkaError } from 'kafkado'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientUnderTest, collect, places } from '../../../../tests/clients/client-places.ts'

const module = new URL('./workers/square.ts', import.meta.url)
const numbers = defineTopic('numbers', { value: int64() })

interface Seen {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly value: number
  readonly squared: number
  readonly headers: Record<string, string>
}

describe.each(Object.entries(places))('worker threads on %s', (_name, place) => {
  let under: ClientUnderTest
  let channel: BroadcastChannel

  beforeEach(async () => {
    under = await place()
    channel = new BroadcastChannel('square')
  })
  afterEach(async () => {
    channel.close()
    await under.close()
  })

  /** Collects the threads' messages until there are that many. */
  async function seen(count: number): Promise<Seen[]> {
    const messages: Seen[] = []
    while (messages.length < count) {
      const [event] = (await once(channel as unknown as EventTarget, 'message')) as [MessageEvent<Seen>]
      messages.push(event.data)
    }
    return messages
  }

  it('handle records of a module, with its types, key by key', async () => {
    const listening = new Promise<Seen[]>((resolve) => {
      const messages: Seen[] = []
      channel.onmessage = (event: unknown) => {
        messages.push((event as MessageEvent<Seen>).data)
        if (messages.length === 40) resolve(messages)
      }
    })
    await under.kafka
      .producer(numbers)
      .sendBatch(
        [...Array(40).keys()].map((value) => ({ value, key: `k${value % 4}`, headers: { trace: `t${value}` } })),
      )
    const consumer = under.kafka.consumer(numbers, { group: 'g' })
    const reading = consumer.parallel({ workers: 2, module })
    const messages = await listening
    await consumer.close()
    await reading
    expect(messages.map(({ squared }) => squared).sort((a, b) => a - b)).toEqual(
      [...Array(40).keys()].map((n) => n * n),
    )
    expect(messages.find(({ value }) => value === 7)).toMatchObject({
      topic: 'numbers',
      partition: 0,
      offset: 7,
      key: 'k3',
      headers: { trace: 't7' },
    })
    const { offsets } = await under.kafka.admin.describeGroup('g')
    expect(offsets[0]?.committed).toBe(40)
  })

  it('pass on the error of a handler', async () => {
    await under.kafka.produce(numbers, 3, { headers: { fail: 'yes' } })
    const failing = under.kafka.consumer(numbers, { group: 'g' }).parallel({ workers: 1, module })
    await expect(failing).rejects.toMatchObject({ name: 'RangeError', message: 'cannot square 3' })
    await under.kafka.admin.deleteTopic('numbers')
    await under.kafka.produce(numbers, 3, { headers: { commit: 'yes' } })
    const committing = under.kafka.consumer(numbers, { group: 'h' }).parallel({ workers: 1, module })
    // It keeps the class that it had in its thread.
    const refused: unknown = await committing.catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(InvalidRequestError)
    expect(refused).toMatchObject({ code: 'INVALID_REQUEST', retriable: false } satisfies Partial<KafkaError>)
  })

  it('are replaced when one ends, and its record has failed', async () => {
    await under.kafka.produce(numbers, 1, { headers: { exit: 'yes' } })
    await under.kafka.produce(numbers, 2)
    const failures: string[] = []
    const consumer = under.kafka.consumer(numbers, { group: 'g' })
    const listening = seen(1)
    const reading = consumer.parallel({
      workers: 1,
      module,
      onFailure: ({ offset }, error) => failures.push(`${offset}: ${(error as Error).message}`),
    })
    expect((await listening)[0]?.squared).toBe(4)
    await consumer.close()
    await reading
    expect(failures).toEqual([expect.stringMatching(/^0: a worker thread of .* ended with code 7/)])
  })

  it('say what is wrong with the module', async () => {
    const start = (name: string): Promise<void> =>
      under.kafka
        .consumer(numbers, { group: 'g' })
        .parallel({ workers: 1, module: new URL(`./workers/${name}`, import.meta.url) })
    await expect(start('no-handler.ts')).rejects.toThrow(/has no default export that handles a record/)
    await expect(start('no-such-module.ts')).rejects.toThrow(/no-such-module/)
    expect(await collect(under.kafka.consumer(numbers, { group: 'g' }).take(0))).toEqual([])
  })
})
