import { setImmediate as turn } from 'node:timers/promises'
import type { AnyKafkaRecord } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { deadLetter, type DeadLetterProducer } from './dead-letter.ts'

const record = (offset: number): AnyKafkaRecord =>
  ({
    topic: 'numbers',
    partition: 0,
    offset,
    timestamp: 7,
    rawKey: null,
    rawValue: Uint8Array.of(offset),
    rawHeaders: [],
  }) as Partial<AnyKafkaRecord> as AnyKafkaRecord

/** Writes nothing until it is told how each write ends. */
class HeldProducer implements DeadLetterProducer {
  readonly writes: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []

  sendRaw(): Promise<void> {
    return new Promise((resolve, reject) => this.writes.push({ resolve, reject }))
  }
}

describe.each([
  ['a record', record(0)],
  ['a batch', [record(0), record(1), record(2)]],
])('dead letters of %s', (_what, item) => {
  it('are written before it counts as processed', async () => {
    const producer = new HeldProducer()
    let isProcessed = false
    const handled = Promise.resolve(deadLetter(producer)(item, new Error('never'))).then(() => {
      isProcessed = true
    })
    expect(producer.writes).toHaveLength([item].flat().length)
    for (const { resolve } of producer.writes) {
      await turn()
      expect(isProcessed).toBe(false)
      resolve()
    }
    await handled
    expect(isProcessed).toBe(true)
  })

  it('fail it when one of them cannot be written', async () => {
    const producer = new HeldProducer()
    const handled = deadLetter(producer)(item, new Error('never'))
    for (const { resolve } of producer.writes.slice(0, -1)) resolve()
    producer.writes.at(-1)?.reject(new RangeError('the topic is full'))
    await expect(handled).rejects.toThrow('the topic is full')
  })
})
