import { describe, expect, it } from 'vitest'
import { ChangelogWriter, type ChangelogParts } from '../../src/task/changelog/changelog-writer.ts'
import { Suspicions } from '../../src/task/errors/suspicions.ts'
import type { StateStore } from '../../src/state/store-definition.ts'

/** A task whose state could not be written, at certain positions in two topics. */
function suspected(): {
  readonly positions: Map<string, number>
  readonly topics: Set<string>
  readonly store: { triesValues: boolean }
  commit(): void
  isSuspected(): boolean
} {
  const suspicions = new Suspicions()
  suspicions.suspectState(
    '0_0',
    new Map([
      ['kept', 2],
      ['going', 5],
    ]),
  )
  const positions = new Map<string, number>()
  const topics = new Set(['kept', 'going'])
  const store = { triesValues: false }
  const task = { id: '0_0', partition: 0, positions, inputs: { of: (topic: string) => topics.has(topic) || undefined } }
  const parts = { suspicions } as unknown as ChangelogParts
  const writer = new ChangelogWriter(parts, task, [store as unknown as StateStore], undefined)
  const isSuspected = (): boolean => suspicions.suspectedState('0_0') !== undefined
  return { positions, topics, store, commit: () => writer.onCommitted(), isSuspected }
}

describe('values that are tried when they are put', () => {
  it('are so until what was suspected was processed again', () => {
    const { positions, store, commit, isSuspected } = suspected()
    for (const [topic, offset] of [['kept', 2] as const, ['going', 4] as const]) {
      positions.set(topic, offset)
      commit()
      expect([store.triesValues, isSuspected()]).toEqual([true, true])
    }
    positions.set('going', 5)
    commit()
    expect([store.triesValues, isSuspected()]).toEqual([false, false])
  })

  it('are so no longer than the topics are there that a pattern has matched', () => {
    const { positions, topics, store, commit, isSuspected } = suspected()
    topics.delete('going')
    commit()
    expect([store.triesValues, isSuspected()]).toEqual([true, true])
    positions.set('kept', 2)
    commit()
    expect([store.triesValues, isSuspected()]).toEqual([false, false])
  })
})
