import {
  InvalidRequestError,
  MessageTooLargeError,
  type RecordMetadata,
  systemRuntime,
  TimeoutError,
  type Transport,
} from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { ChosenPartitions } from './chosen-partitions.ts'

/** Knows one topic, with two partitions. */
const transport = {
  send: () =>
    Promise.resolve({ topics: [{ topic: 'out', errorCode: 0, partitions: [{ partition: 0 }, { partition: 1 }] }] }),
  close: () => Promise.resolve(),
} as unknown as Transport

describe('a result for several partitions', () => {
  it.each([
    ['an error that nothing is left out for', new TimeoutError('no answer')],
    ['another refusal', new MessageTooLargeError('too large here')],
    ['taken', undefined],
  ])('that one has refused is told as the others say: %s', async (_what, other) => {
    const refusal = new MessageTooLargeError('too large')
    let answer!: () => void
    const answering = new Promise<void>((resolve) => {
      answer = resolve
    })
    const later = async (): Promise<RecordMetadata> => {
      await answering
      if (other) throw other
      return { topic: 'out', partition: 1, offset: 0, timestamp: 0 }
    }
    const begun: number[] = []
    const choices = new ChosenPartitions(transport, systemRuntime)
    let told: unknown
    const sending = choices
      .send(
        'out',
        () => [0, 1],
        (partition = 0) => {
          begun.push(partition)
          return partition === 0 ? Promise.reject(refusal) : later()
        },
      )
      .catch((error: unknown) => (told = error))
    await choices.idle()
    expect({ begun, told }).toEqual({ begun: [0, 1], told: undefined })
    answer()
    await sending
    expect(told).toBe(other instanceof TimeoutError ? other : refusal)
  })
})

describe('a record that is sent the moment one before it is told that its topic cannot be looked up', () => {
  it('has the topic looked up again', async () => {
    let asked = 0
    const refusing = {
      ...transport,
      send: (...request: Parameters<Transport['send']>) =>
        asked++ === 0 ? Promise.reject(new InvalidRequestError('not now')) : transport.send(...request),
    } as Transport
    const choices = new ChosenPartitions(refusing, systemRuntime)
    const send = (): Promise<unknown> =>
      choices.send(
        'out',
        () => 0,
        (partition = 0) => Promise.resolve({ topic: 'out', partition, offset: 0, timestamp: 0 }),
      )
    let again: unknown
    await send().catch(() => void send().then((written) => (again = written)))
    await choices.idle()
    await choices.idle()
    await new Promise((resolve) => setImmediate(resolve))
    expect({ asked, again }).toEqual({ asked: 2, again: { topic: 'out', partition: 0, offset: 0, timestamp: 0 } })
  })
})
