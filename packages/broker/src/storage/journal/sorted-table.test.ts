import { seededRandom } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { decodeChunk, encodeChunk, mostChunkBytes } from './chunk-codec.ts'
import { ChunkMemory } from './chunk-memory.ts'
import { type Row, SortedTable } from './sorted-table.ts'
import { columns, type TableChunk } from './table-chunk.ts'

/** A table whose chunks are now and then only in a checkpoint, beside rows that do the same. */
class Tables {
  readonly stored: Buffer[] = []
  readonly memory = new ChunkMemory(
    ({ position }, { rows }) => decodeChunk(this.stored[position] as Buffer, rows) as Float64Array,
  )
  readonly table = new SortedTable('index', this.memory)
  rows: Row[] = []

  /** A checkpoint has the chunk from now on. */
  keep(chunk: TableChunk): void {
    if (chunk.place) return
    const position = this.stored.push(encoded(this.memory.cellsOf(chunk), chunk.rows)) - 1
    chunk.place = { checkpoint: 1, position, bytes: 0, crc: 0 }
    this.memory.settled(chunk)
  }

  visited(from: number, count: number): Row[] {
    const found: Row[] = []
    this.table.visitFrom(from, (...row) => found.push(row) < count)
    return found
  }
}

function encoded(cells: Float64Array, rows: number): Buffer {
  // Not at the beginning: it lies among others.
  const bytes = Buffer.alloc(100 + mostChunkBytes(rows))
  return bytes.subarray(100, encodeChunk(cells, rows, new DataView(bytes.buffer, bytes.byteOffset), 100))
}

describe('a sorted table', () => {
  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'is what a list of rows is, whatever is done to it; seed %d',
    (seed) => {
      const random = seededRandom(seed)
      const below = (end: number): number => Math.floor(random.next() * end)
      const tables = new Tables()
      const { table, memory } = tables
      let key = seed % 2 === 0 ? 0 : 2 ** 40
      for (let step = 0; step < 60; step++) {
        for (let left = below(400); left > 0; left--) {
          key += 1 + below(3)
          const row = [key, key * 7 - 0.5 * (seed % 3), key * 1000 + below(1000)] as const
          table.append(...row)
          tables.rows.push(row)
        }
        if (random.next() < 0.4) for (const chunk of table.chunks) tables.keep(chunk)
        if (random.next() < 0.4) for (const chunk of table.chunks) memory.forget(chunk)
        const any = tables.rows[below(tables.rows.length)]?.[0] ?? 0
        if (random.next() < 0.5) {
          const place = table.find(any)
          const index = tables.rows.findIndex(([one]) => one === any)
          expect(place !== undefined).toBe(index >= 0)
          if (place && random.next() < 0.5) {
            table.remove(place)
            tables.rows.splice(index, 1)
          } else if (place) {
            const [, second, third] = tables.rows[index] as Row
            table.set(place, second + 0.25, third)
            tables.rows[index] = [any, second + 0.25, third]
          }
        }
        if (random.next() < 0.15) {
          const removed: [number, number][] = []
          table.removeBefore(any, (second, third) => removed.push([second, third]))
          const gone = tables.rows.filter(([one]) => one < any)
          expect(removed).toEqual(gone.map(([, second, third]) => [second, third]))
          tables.rows = tables.rows.filter(([one]) => one >= any)
        }
        expect(table.lastKey).toBe(tables.rows.at(-1)?.[0] ?? -1)
        expect(tables.visited(any - 1, 50)).toEqual(tables.rows.filter(([one]) => one >= any - 1).slice(0, 50))
        expect(table.keyAtLeast(any)).toBe(tables.rows.find(([key]) => key >= any)?.[0])
        for (const column of [0, 1, 2] as const) {
          const value = (tables.rows[below(tables.rows.length)]?.[column] ?? 0) + below(3) - 1
          expect(table.lastBelow(column, value)).toEqual(tables.rows.findLast((row) => row[column] < value))
        }
      }
      expect(tables.visited(0, Infinity)).toEqual(tables.rows)
    },
  )

  it('is empty when all is removed', () => {
    const { table } = new Tables()
    for (let key = 0; key < 3000; key++) table.append(key, key, key)
    table.removeBefore(Number.POSITIVE_INFINITY, () => undefined)
    expect([table.isEmpty, table.lastKey, table.lastBelow(0, 9999)]).toEqual([true, -1, undefined])
  })
})

it('says of rows that can no longer be read where they end, and no more', () => {
  const { memory, table } = new Tables()
  for (let key = 0; key < 5000; key++) table.append(key * 2, key, key)
  const [first, second] = table.chunks as [TableChunk, TableChunk]
  second.place = { checkpoint: 1, position: -1, bytes: 0, crc: 0 }
  memory.settled(second)
  memory.forget(second)
  expect(() => table.firstAtLeast(second.firstKey)).toThrow()
  expect(table.keyAtLeast(first.lastKey - 1)).toBe(first.lastKey)
  for (const key of [first.lastKey + 1, second.firstKey, second.lastKey])
    expect(table.keyAtLeast(key)).toBe(second.lastKey)
  expect(table.keyAtLeast(second.lastKey + 1)).toBe(second.lastKey + 2)
})

describe('the rows of a chunk', () => {
  it.each([
    ['numbers close to each other', [0, 5, 9], 8 + 3 * (8 + 3 * 4)],
    ['numbers far from each other', [0, 2 ** 33, 2 ** 53 - 1], 8 + 3 * (8 + 3 * 8)],
    ['fractions', [0.5, 1, 7.25], 8 + 3 * (8 + 3 * 8)],
    ['negative numbers', [-1, -1, 3], 8 + 3 * (8 + 3 * 4)],
  ])('come back as they were: %s', (_what, values, bytes) => {
    const cells = Float64Array.from(values.flatMap((value) => Array.from({ length: columns }, () => value)))
    const found = encoded(cells, values.length)
    expect(decodeChunk(found, values.length)).toEqual(cells)
    expect(found.length).toBe(bytes)
  })
})
