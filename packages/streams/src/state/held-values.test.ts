import { expect, it } from 'vitest'
import { given, WrittenValue } from './held-values.ts'

it.each([
  ['Uint8Array', Uint8Array.of(1, 2, 3)],
  ['Buffer', Buffer.from([0, 1, 2, 3, 4]).subarray(1, 4)],
])('gives out a value of its own each time, also where the serde writes a %s', (_kind, content) => {
  // Like the serde `bytes`, which returns the bytes it reads.
  const held = new WrittenValue(content, (bytes) => bytes)
  const first = given(held) as Uint8Array
  first.fill(9)
  expect([...(given(held) as Uint8Array)]).toEqual([1, 2, 3])
})
