import { expect, it } from 'vitest'
import { counted } from './counted.ts'

it.each([
  [0, 'record', '0 records'],
  [1, 'record', '1 record'],
  [2, 'record', '2 records'],
  [1, 'batch', '1 batch'],
  [2, 'batch', '2 batches'],
])('%i of %s is %s', (count, noun, words) => {
  expect(counted(count, noun)).toBe(words)
})
