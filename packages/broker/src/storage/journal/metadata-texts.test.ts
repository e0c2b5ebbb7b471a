import { StorageError } from '@kafkado/core'
import { expect, it } from 'vitest'
import { MetadataTexts } from './metadata-texts.ts'

it('reads what it has of a kind, by path', () => {
  const texts = new MetadataTexts()
  texts.restore([{ key: '["log",7]', value: '{"logStartOffset":3,"startPosition":9}' }])
  expect(texts.read('log')).toEqual([{ kind: 'log', path: [7], value: { logStartOffset: 3, startPosition: 9 } }])
})

it.each([
  ['key is cut off', '["log",7', '{}'],
  ['key is no list', '{"log":7}', '{}'],
  ['key goes on behind its end', '["log",7]]', '{}'],
  ['value is cut off', '["log",7]', '{"logStartOffset":'],
  ['value is empty', '["log",7]', ''],
])('refuses a record by name whose %s', (_, key, value) => {
  const texts = new MetadataTexts()
  texts.apply([{ key, value }])
  const read = (): unknown => texts.read('log')
  expect(read).toThrow(StorageError)
  expect(read).toThrow(`the record ${key} in the journal cannot be read`)
  expect(texts.read('topic')).toEqual([])
})
