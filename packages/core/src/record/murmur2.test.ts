import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { murmur2 } from './murmur2.ts'

/** Keys in hexadecimal, each with its hash by Apache Kafka's Java client 4.1.1. */
const hashes = readFileSync(new URL('golden/java-murmur2.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(' ') as [key: string, hash: string])

it("gives every key the hash of Kafka's Java client", () => {
  expect(hashes.length).toBeGreaterThan(200)
  for (const [key, hash] of hashes) expect([key, murmur2(Buffer.from(key, 'hex'))]).toEqual([key, Number(hash)])
})

it.each([
  ['21', -973_932_308],
  ['foobar', -790_332_482],
  ['a-little-bit-long-string', -985_981_536],
  ['abc', 479_470_107],
])('hashes %s', (text, hash) => expect(murmur2(new TextEncoder().encode(text))).toBe(hash))
