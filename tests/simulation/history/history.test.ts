import { describe, expect, it } from 'vitest'
import { churnIn } from './churn.ts'
import { historyHash } from './history-hash.ts'
import { History } from './history.ts'
import { printEvent } from './print-event.ts'

describe('a history', () => {
  it('stamps what is added with its place, the time since its start and the process', () => {
    let nowMs = 5000
    const history = new History(() => nowMs)
    history.add('world', { type: 'healed' })
    nowMs += 70
    expect(history.add('a', { type: 'killed' })).toEqual({ sequence: 1, atMs: 70, process: 'a', type: 'killed' })
    expect(history.events).toHaveLength(2)
  })

  it('prints an event as a line whatever the order of its fields', () => {
    const history = new History(() => 0)
    const poll = history.add('b', {
      type: 'poll',
      session: 1,
      consumer: 'c0',
      isolation: 'read_committed',
      how: 'loop',
      records: [{ topic: 'orders', topicId: 'abc', partition: 0, offset: 3, value: 'v"1' }],
    })
    expect(printEvent(poll)).toBe(
      '#0 0ms b poll consumer="c0" how="loop" isolation="read_committed" records=[orders#abc/0@3="v\\"1"] session=1',
    )
    const sent = history.add('a', {
      type: 'sent',
      offset: 4,
      outcome: 'ok',
      value: 'v2',
      partition: 1,
      topic: 'orders',
    })
    expect(printEvent(sent)).toBe('#1 0ms a sent orders/1@4="v2" outcome="ok"')
    const failed = history.add('a', { type: 'sent', outcome: 'failed', value: 'v3', error: 'too late' })
    expect(printEvent(failed)).toBe('#2 0ms a sent error="too late" outcome="failed" value="v3"')
  })

  it('has a hash that tells each difference, of order too, and none of fields written in another order', () => {
    const hashOf = (...adds: Parameters<History['add']>[]): string => {
      const history = new History(() => 0)
      for (const add of adds) history.add(...add)
      return historyHash(history.events)
    }
    const one = hashOf(
      ['a', { type: 'stalled', forMs: 1 }],
      ['b', { type: 'fault', fault: 'lost', operation: 'fetch' }],
    )
    expect(
      hashOf(['a', { forMs: 1, type: 'stalled' }], ['b', { operation: 'fetch', fault: 'lost', type: 'fault' }]),
    ).toBe(one)
    const others = [
      hashOf(['a', { type: 'stalled', forMs: 2 }], ['b', { type: 'fault', fault: 'lost', operation: 'fetch' }]),
      hashOf(['b', { type: 'fault', fault: 'lost', operation: 'fetch' }], ['a', { type: 'stalled', forMs: 1 }]),
      hashOf(['a', { type: 'stalled', forMs: 1 }]),
    ]
    expect(new Set([one, ...others]).size).toBe(4)
  })

  it('counts how members of groups came and went, each end once, and nobody else', () => {
    const history = new History(() => 0)
    const of = { topics: ['orders'], isolation: 'read_committed', from: 'earliest', isToSeeAll: true } as const
    const read = (process: string, group?: string): void => {
      history.add(process, { type: 'reading', consumer: process, ...(group !== undefined && { group }), ...of })
    }
    const closed = (process: string, what = 'consumer'): void => void history.add(process, { type: 'closed', what })
    read('member', 'g')
    history.add('member', { type: 'stalled', forMs: 1 })
    closed('member', 'producer of dead letters')
    closed('member')
    // As a world says of whom it has closed.
    history.add('member', { type: 'killed' })
    read('other', 'g')
    history.add('other', { type: 'killed' })
    read('alone')
    history.add('alone', { type: 'killed' })
    closed('producer', 'producer of orders')
    history.add('producer', { type: 'stalled', forMs: 1 })
    expect(churnIn(history.events)).toEqual({ joins: 2, leaves: 1, kills: 1, stalls: 1 })
  })
})
