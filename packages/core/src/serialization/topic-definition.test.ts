import { expect, it } from 'vitest'
import { defineTopic, readTopicOf, topicDefinitionOf } from './topic-definition.ts'

it('reads a topic that is given by its name as its definition does', () => {
  const [read, defined] = [readTopicOf('orders'), topicDefinitionOf('orders')]
  expect(read.name).toBe(defined.name)
  const context = { topic: 'orders', field: 'value' } as const
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  for (const text of ['{"orderId":1}', 'null', 'not JSON', '"\u{1f600}"']) {
    const outcome = (from: { deserialize(content: Uint8Array, of: typeof context): unknown }): unknown => {
      try {
        return from.deserialize(bytes(text), context)
      } catch (error) {
        return String(error)
      }
    }
    expect(outcome(read.value)).toEqual(outcome(defined.value))
    expect(outcome(read.key)).toEqual(outcome(defined.key))
  }
})

it('reads a defined topic by its definition, and refuses what the definition refuses', () => {
  const orders = defineTopic('orders', { key: 'int64', value: 'bytes' })
  expect(readTopicOf(orders)).toBe(orders)
  for (const wrong of ['', 'a/b', '..', { name: 'orders' }, 7, null])
    expect(() => readTopicOf(wrong as string)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }))
})
