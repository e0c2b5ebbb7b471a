import { describe, expect, it } from 'vitest'
import { VarintReader } from './varint-reader.ts'
import { writeVarint } from './varint.ts'

const values = [0, 1, -1, 63, -64, 64, 8191, -8192, 8192, 300_000, 2 ** 31 - 1, -(2 ** 31), 2 ** 40, -(2 ** 52)]

describe.each([0x00, 0x01, 0x80, 0xff])('numbers that are followed by bytes %d', (next) => {
  it.each(values)('%d ends where it ends, and is not made up of what follows when it is cut off', (value) => {
    const bytes = new Uint8Array(24).fill(next)
    const end = writeVarint(bytes, 2, value)
    const whole = new VarintReader(bytes, 2, end)
    expect([whole.varint(), whole.position]).toEqual([value, end])
    for (let cut = 2; cut < end; cut++) {
      expect(() => new VarintReader(bytes, 2, cut).varint()).toThrow(/end in the middle of a number/)
      expect(() => new VarintReader(bytes, 2, cut).int32()).toThrow(/end in the middle of a number/)
    }
  })
})

describe('a field', () => {
  it('ends within its record, and has a length', () => {
    const reader = new VarintReader(new Uint8Array(10), 2, 10)
    expect([reader.skip(3, 5), reader.position]).toEqual([2, 5])
    for (const [length, end] of [
      [1, 5],
      [6, 10],
      [-1, 10],
    ] as const)
      expect(() => reader.skip(length, end)).toThrow(/reaches beyond its record/)
    expect(reader.position).toBe(5)
  })
})
