import { InvalidRequestError } from '@kafkado/core'
import { RecordBatchBuilder } from '@kafkado/core/internal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Consumer } from '../src/consumer.ts'
import { createConsumer } from '../src/create-consumer.ts'
import { ServedLogs } from './served-logs.ts'

/**
 * Wrong calls that untyped JavaScript allows, by method. Without a check each would do nothing, do something else, or
 * never end.
 */
const wrong: readonly (readonly [method: string, call: (consumer: Loose) => unknown])[] = [
  ...[-1, 1.5, Number.NaN, '3', undefined, null].map((count) => ['take', (one: Loose) => one.take(count)] as const),
  ...(['filter', 'map', 'forEach'] as const).flatMap((method) =>
    [undefined, 5, 'x', {}].map((given) => [method, (one: Loose) => one[method]?.(given)] as const),
  ),
  ['on', (one) => one.on('asigned', () => undefined)],
  ['on', (one) => one.on('constructor', () => undefined)],
  ['on', (one) => one.on('assigned')],
  ...(['pause', 'resume', 'assign'] as const).flatMap((method) =>
    ['orders', 5, null, {}, [{ topic: 'orders' }], [{ partition: 0 }], [{ topic: 'orders', partition: '0' }]].map(
      (given) => [method, (one: Loose) => one[method]?.(given)] as const,
    ),
  ),
  ...[
    undefined,
    null,
    {},
    { topic: 'orders', partition: 0 },
    { topic: 'orders', partition: '0', offset: 3 },
    { topic: 'orders', partition: 0, offset: '3' },
    { topic: 'orders', partition: 0, offset: -1 },
    { topic: 'orders', partition: 0, offset: Number.NaN },
  ].map((target) => ['seek', (one: Loose) => one.seek(target)] as const),
]
type Loose = Record<string, (...given: unknown[]) => unknown> &
  Record<'take' | 'on' | 'seek', (...given: unknown[]) => unknown>

describe.each(['before it reads', 'while it reads'])('a consumer that is called in a wrong way %s', (when) => {
  let consumer: Consumer

  beforeEach(async () => {
    consumer = createConsumer(new ServedLogs('orders', [{ batches: [batchOf(1, 2, 3)], aborted: [] }], 1), 'orders')
    if (when === 'while it reads') await consumer.next()
  })
  afterEach(() => consumer.close())

  it.each(wrong)('refuses it by the name of %s, and reads on', async (method, call) => {
    const attempt = async (): Promise<unknown> => call(consumer as unknown as Loose)
    const error: unknown = await attempt().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(InvalidRequestError)
    expect((error as Error).message).toContain(method)
    const { value } = await consumer.next()
    expect(value).toBe(when === 'while it reads' ? 2 : 1)
  })
})

function batchOf(...values: readonly unknown[]): Uint8Array {
  const builder = new RecordBatchBuilder()
  for (const value of values) builder.append({ timestamp: 0, key: null, value: JSON.stringify(value), headers: [] })
  return builder.build({}) as Uint8Array
}
