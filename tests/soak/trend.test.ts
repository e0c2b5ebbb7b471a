import { describe, expect, it } from 'vitest'
import { rising, risesPerMinute, type Sample } from './trend.ts'

/** A sample every five seconds for ten minutes. */
function samples(heapOf: (minutes: number, index: number) => number): Sample[] {
  return Array.from({ length: 120 }, (_, index) => ({
    atMs: index * 5000,
    counted: { heap: heapOf(index / 12, index) },
  }))
}

describe('what rises', () => {
  it('is told by how much a minute', () => {
    expect(risesPerMinute(samples((minutes) => 20 + 3 * minutes))['heap']).toBeCloseTo(3, 9)
  })

  it.each<[string, boolean, (minutes: number, index: number) => number]>([
    ['stays', false, () => 30],
    ['goes up and down', false, (_, index) => 30 + (index % 7) * 4],
    ['rises a little', false, (minutes) => 30 + 0.5 * minutes],
    ['falls', false, (minutes) => 60 - 2 * minutes],
    ['rises', true, (minutes) => 30 + 1.5 * minutes],
    ['rises beneath its ups and downs', true, (minutes, index) => 30 + 2 * minutes + (index % 7) * 4],
  ])('is found in a heap that %s: %s', (_what, isFound, heapOf) => {
    expect(rising(samples(heapOf), { heap: 1 }).length).toBe(isFound ? 1 : 0)
  })
})
