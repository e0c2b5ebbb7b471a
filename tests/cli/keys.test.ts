import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHandler, createKey } from '@kafkado/server'
import { editKeys, loadKeys, readKeyStore } from '@kafkado/server/node'
import { memory } from '@kafkado/broker'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runKafkado } from './run-kafkado.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kafkado-keys-'))
  path = join(folder, 'keys.json')
})
afterEach(() => rm(folder, { recursive: true }))

const keys = async (...words: string[]) => {
  const { code, output, errors } = await runKafkado(['keys', ...words, '--keys', path])
  return { code, output: output.trim(), errors }
}
interface Shown {
  readonly id: string
  readonly name?: string
  readonly secrets: number
  readonly expiresAt?: string
  readonly scopes: string[]
}
const list = async (): Promise<Shown[]> => JSON.parse((await keys('list', '--json')).output) as Shown[]

it('makes, rotates, lists and revokes keys that a server takes', async () => {
  const scopes = ['--allow', 'write:topic:orders', 'write:topic:orders.*', '--deny', 'write:topic:orders.x']
  const made = await keys('create', '--name', 'shop', '--expires', '30d', ...scopes)
  expect(made.output).toMatch(/^kdo_[0-9a-f]{16}_[\w-]{43}$/)
  expect(made.errors).not.toContain(made.output)
  const [shown] = await list()
  expect(shown).toMatchObject({
    name: 'shop',
    secrets: 1,
    scopes: ['write:topic:orders', 'write:topic:orders.*', 'not write:topic:orders.x'],
  })
  expect(Date.parse(shown?.expiresAt ?? '') - Date.now()).toBeGreaterThan(29 * 86_400_000)
  const id = shown?.id ?? ''

  const rotated = await keys('rotate', id)
  const token = await keys('token', id, '--allow', 'write:topic:orders.a', '--lifetime', '1m')
  const engine = memory()
  const handler = createHandler(engine, { keys: await loadKeys(path) })
  const status = async (secret: string) =>
    (await handler(new Request('http://kafkado.test/v1', { headers: { authorization: `Bearer ${secret}` } }))).status
  const secrets = [made.output, rotated.output, token.output]
  expect(await Promise.all(secrets.map(status))).toEqual([200, 200, 200])
  await engine.close()

  const shownAgain = `${(await keys('list')).output}${JSON.stringify(shown)}`
  expect(shownAgain).toMatch(/^ID +NAME +SECRETS +EXPIRES +SCOPES\n/)
  const file = JSON.parse(await readFile(path, 'utf8')) as { pepper: string; keys: { hashes: string[] }[] }
  for (const secret of [file.pepper, ...(file.keys[0]?.hashes ?? []), ...secrets])
    expect(shownAgain).not.toContain(secret)

  expect((await keys('revoke', id)).output).toBe(`revoked key ${id}`)
  expect(await readKeyStore(path)).toMatchObject({ keys: [] })
})

it('loses no key when several processes make and revoke keys at once', async () => {
  await editKeys(path, async (store) => {
    const { key } = await createKey({ pepper: store.pepper ?? '', name: 'first' })
    return { ...store, keys: [key] }
  })
  const [first] = (await readKeyStore(path)).keys
  const names = ['a', 'b', 'c', 'd']
  const results = await Promise.all([
    ...names.map((name) => keys('create', '--name', name)),
    keys('revoke', first?.id ?? ''),
  ])
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0])
  expect(new Set((await readKeyStore(path)).keys.map(({ name }) => name))).toEqual(new Set(names))
})

it('makes no key when a scope or a time is wrong', async () => {
  for (const [words, message] of [
    [['create', '--allow', 'read:topi:x'], /there is no resource 'topi'/],
    [['create', '--expires', '2020-01-01'], /a time to come/],
  ] as const) {
    const { code, output, errors } = await keys(...words)
    expect([code, output, errors]).toEqual([1, '', expect.stringMatching(message)])
  }
  await expect(readFile(path)).rejects.toThrow('ENOENT')
})
