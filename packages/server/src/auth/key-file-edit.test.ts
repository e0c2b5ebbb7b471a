import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPlainDatabase } from '@kafkado/core/internal/node'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createKey, type KeyStore } from './api-key.ts'
import { editKeys, readKeyStore } from './key-file-edit.ts'
import { loadKeys } from './key-file.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafkado-keys-'))
  path = join(folder, 'keys.json')
})
afterEach(() => rm(folder, { recursive: true }))

const adding = async (store: KeyStore): Promise<KeyStore> => ({
  ...store,
  keys: [...store.keys, (await createKey({ pepper: store.pepper ?? '' })).key],
})

it('makes a file that only its owner may read, with a pepper, and a server takes it', async () => {
  let secret = ''
  await editKeys(path, async (store) => {
    const made = await createKey({ pepper: store.pepper ?? '' })
    secret = made.secret
    return { ...store, keys: [made.key] }
  })
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await (await loadKeys(path)).authenticate(secret)).keyId).toBe((await readKeyStore(path)).keys[0]?.id)
})

it('keeps every key of edits at the same moment, and the pepper', async () => {
  await editKeys(path, adding)
  const { pepper } = await readKeyStore(path)
  await Promise.all(Array.from({ length: 20 }, () => editKeys(path, adding)))
  const store = await readKeyStore(path)
  expect([store.keys.length, store.pepper]).toEqual([21, pepper])
})

it('waits for another process, and changes nothing before', async () => {
  await editKeys(path, adding)
  const other = openPlainDatabase(`${path}.lock`, false)
  other.exec('BEGIN EXCLUSIVE')
  let isEdited = false
  const edited = editKeys(path, (store) => {
    isEdited = true
    return adding(store)
  })
  await readKeyStore(path)
  expect(isEdited).toBe(false)
  other.close()
  await edited
  expect((await readKeyStore(path)).keys).toHaveLength(2)
})

it.each<[string, string, (store: KeyStore) => KeyStore | Promise<KeyStore>, RegExp]>([
  ['the edit fails', '{"version":1,"keys":[]}', () => Promise.reject(new Error('no such key')), /no such key/],
  [
    'the result is not valid',
    '{"version":1,"keys":[]}',
    () => ({ version: 1, keys: [{ id: '?', hashes: [], scopes: [] }] }),
    /keys\.0\.id/,
  ],
  ['the file is none of keys', '{"version":2}', adding, /version must be 1/],
  ['the file is half written', '{"vers', adding, /is not JSON/],
])('leaves the file as it is when %s, and nothing beside it', async (_, before, edit, message) => {
  await writeFile(path, before)
  await expect(editKeys(path, edit)).rejects.toThrow(message)
  expect(await readFile(path, 'utf8')).toBe(before)
  expect((await readdir(folder)).sort()).toEqual(['keys.json', 'keys.json.lock'])
})

it('changes the file behind a link, and says when it cannot', async () => {
  await editKeys(path, adding)
  const link = join(folder, 'link.json')
  await symlink(path, link)
  await editKeys(link, adding)
  expect((await readKeyStore(path)).keys).toHaveLength(2)
  await expect(editKeys(join(folder, 'none', 'keys.json'), adding)).rejects.toThrow(/cannot be written/)
})
