import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom, StorageError } from '@kafkado/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JournalSizes } from '../../src/state/journal/journal-sizes.ts'
import { JournalStateStorage } from '../../src/state/journal/journal-state-storage.ts'
import { NodeJournalFolder } from '../../src/state/journal/node-journal-folder.node.ts'
import type { StateStorage } from '../../src/state/state-storage.ts'
import { change, contentOf, text } from './content.ts'
import { MemoryDisk } from './memory-disk.ts'

interface StorageUnderTest {
  /** Opens it as the next process would, even while another one has it open. */
  open(): Promise<StateStorage>
  remove(): Promise<void>
}

/** Each call opens a folder by another path, as if in another thread. */
function inMemory(sizes?: JournalSizes): StorageUnderTest {
  const [disk, random] = [new MemoryDisk(), seededRandom(1)]
  let opened = 0
  return {
    open: () => JournalStateStorage.open({ folder: disk.folder(`/memory-${opened++}`), random, sizes }),
    remove: () => Promise.resolve(),
  }
}

async function onDisk(): Promise<StorageUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-state-'))
  const random = seededRandom(1)
  let path = join(folder, 'task')
  return {
    open: () => JournalStateStorage.open({ folder: new NodeJournalFolder((path += '/.')), random }),
    remove: () => rm(folder, { recursive: true }),
  }
}

const implementations: Record<string, () => Promise<StorageUnderTest>> = {
  'a journal on disk': onDisk,
  'a journal in memory': () => Promise.resolve(inMemory()),
  'a journal that gives up files all the time': () => Promise.resolve(inMemory(new JournalSizes(4096))),
}

/** The duties of every implementation of StateStorage. */
describe.each(Object.entries(implementations))('%s', (_, make) => {
  let place: StorageUnderTest
  let storage: StateStorage

  beforeEach(async () => {
    place = await make()
    storage = await place.open()
  })

  afterEach(async () => {
    await storage.close()
    await place.remove()
  })

  const reopen = async (): Promise<void> => {
    await storage.close()
    storage = await place.open()
  }
  const at = (offset: number): { offset: number; observedTime: number } => ({ offset, observedTime: offset * 10 })

  it('is empty at first', () => {
    expect(storage.checkpoint).toEqual({})
    expect(storage.table('s').get(text('a'))).toBeUndefined()
    expect([...storage.table('s').entries()]).toEqual([])
  })

  it('has what was written last for each key, also when it is opened again', async () => {
    await storage.write([change('s', 'a', '1'), change('s', 'b', '2'), change('t', 'a', '3')], { s: at(2), t: at(1) })
    await storage.write([change('s', 'a', '4'), change('s', 'b', null), change('s', 'c', '')], { s: at(5) })
    for (let time = 0; time < 3; time++) {
      expect(contentOf(storage, ['s', 't'])).toEqual({ s: { a: '4', c: '' }, t: { a: '3' } })
      expect(storage.checkpoint).toEqual({ s: at(5), t: at(1) })
      expect(storage.table('s').get(text('b'))).toBeUndefined()
      await reopen()
    }
  })

  it('knows the last of several changes of a key in one write', async () => {
    await storage.write(
      [change('s', 'a', '1'), change('s', 'a', '2'), change('s', 'b', '1'), change('s', 'b', null)],
      {},
    )
    await storage.write(
      [change('s', 'b', null), change('s', 'b', '3'), change('s', 'a', null), change('s', 'a', '4')],
      {},
    )
    await storage.write([change('s', 'c', '1'), change('t', 'c', '2'), change('s', 'c', null)], {})
    for (let time = 0; time < 2; time++) {
      expect(contentOf(storage, ['s', 't'])).toEqual({ s: { a: '4', b: '3' }, t: { c: '2' } })
      await reopen()
    }
  })

  it('gives each of its entries once, however long they are and however far apart', async () => {
    const keys = ['', 'b', 'a', 'ab', 'é', 'z', '\u{1F600}', '\uFFFD', 'a\0'].map((key) => Buffer.from(key))
    const more = Array.from({ length: 300 }, (_, index) => Buffer.from([index * 7, index >> 4, 255 - index]))
    // Some are longer than one read, and some end where a read ends.
    const lengths = [300_000, 100_000, 2000, 262_000, ...Array.from({ length: 40 }, (_, index) => 6000 + index * 37)]
    const all = new Map([...keys, ...more].map((key) => [key.toString('hex'), key]))
    const valueOf = (key: Uint8Array, at: number): Uint8Array =>
      Buffer.concat([key, Buffer.alloc(lengths[at] ?? 1, at)])
    const written = [...all].map(([name, key], at) => ({ name, key, value: valueOf(key, at) }))
    for (let first = 0; first < written.length; first += 50) {
      const some = written.slice(first, first + 50)
      const changes = some.flatMap(({ key, value }, at) => [
        { store: 's', key, value },
        // Records in between belong to another store, or were replaced.
        { store: 't', key, value: Buffer.alloc(at * 300) },
      ])
      await storage.write(
        some.map(({ key }) => ({ store: 's', key, value: key })),
        {},
      )
      await storage.write(changes, {})
    }
    const byKey = (entries: readonly (readonly [string, Uint8Array])[]): unknown =>
      Object.fromEntries(entries.map(([name, value]) => [name, Buffer.from(value).toString('latin1')]))
    for (let time = 0; time < 2; time++) {
      const found = [...storage.table('s').entries()]
      expect(found).toHaveLength(all.size)
      expect(byKey(found.map(([key, value]) => [Buffer.from(key).toString('hex'), value]))).toEqual(
        byKey(written.map(({ name, value }) => [name, value])),
      )
      expect([...storage.table('t').entries()]).toHaveLength(all.size)
      await reopen()
    }
  })

  it('takes empty keys and values, long ones, and any name of a store', async () => {
    const long = 'long'.repeat(300_000)
    const stores = ['', '__proto__', 'a/b', 'é\n', 'constructor']
    await storage.write(
      stores.flatMap((store) => [change(store, '', ''), change(store, long, long), change(store, 'k', store)]),
      Object.fromEntries(stores.map((store, index) => [store, at(index)])),
    )
    for (let time = 0; time < 2; time++) {
      for (const [index, store] of stores.entries()) {
        const table = storage.table(store)
        expect(table.get(text(''))).toEqual(text(''))
        expect(table.get(text(long))?.length).toBe(long.length)
        expect(Buffer.from(table.get(text('k')) ?? []).toString()).toBe(store)
        expect([...table.entries()]).toHaveLength(3)
        expect(Object.getOwnPropertyDescriptor(storage.checkpoint, store)?.value).toEqual(at(index))
      }
      await reopen()
    }
  })

  it('gives out values that nothing changes later', async () => {
    await storage.write([change('s', 'a', 'first')], {})
    const table = storage.table('s')
    const [value, entry] = [table.get(text('a')) as Uint8Array, [...table.entries()][0] as readonly Uint8Array[]]
    await storage.write([change('s', 'a', 'other'), change('s', 'b', 'more')], {})
    table.get(text('b'))
    for (const bytes of [value, entry[1]]) expect(Buffer.from(bytes as Uint8Array).toString()).toBe('first')
    value.fill(0)
    expect(contentOf(storage, ['s'])).toEqual({ s: { a: 'other', b: 'more' } })
  })

  it('takes what is written before the last is done, one after the other', async () => {
    const writing = Array.from({ length: 20 }, (_, index) =>
      storage.write([change('s', `${index % 3}`, `${index}`)], { s: at(index) }),
    )
    await Promise.all(writing)
    for (let time = 0; time < 2; time++) {
      expect(contentOf(storage, ['s'])).toEqual({ s: { 0: '18', 1: '19', 2: '17' } })
      expect(storage.checkpoint).toEqual({ s: at(19) })
      await reopen()
    }
  })

  it('forgets a store that is cleared, and what its checkpoint was', async () => {
    await storage.write([change('s', 'a', '1'), change('t', 'a', '2')], { s: at(1), t: at(2) })
    const table = storage.table('s')
    await storage.clear('s')
    expect(table.get(text('a'))).toBeUndefined()
    expect([...table.entries()]).toEqual([])
    expect(storage.checkpoint).toEqual({ t: at(2) })
    await reopen()
    expect(contentOf(storage, ['s', 't'])).toEqual({ s: {}, t: { a: '2' } })
    await storage.write([change('s', 'b', '3')], { s: at(7) })
    await storage.clear('none')
    for (let time = 0; time < 2; time++) {
      expect(contentOf(storage, ['s', 't'])).toEqual({ s: { b: '3' }, t: { a: '2' } })
      expect(storage.checkpoint).toEqual({ s: at(7), t: at(2) })
      await reopen()
    }
  })

  it('belongs to the last who opened it', async () => {
    await storage.write([change('s', 'a', '1')], { s: at(1) })
    const next = await place.open()
    await expect(storage.write([change('s', 'a', 'late')], { s: at(2) })).rejects.toThrow(
      /taken over by another process/,
    )
    await expect(storage.clear('s')).rejects.toThrow(StorageError)
    expect(contentOf(storage, ['s'])).toEqual({ s: { a: '1' } })
    await next.write([change('s', 'b', '2')], { s: at(3) })
    await storage.close()
    await next.write([change('s', 'c', '3')], { s: at(4) })
    await next.close()
    storage = await place.open()
    expect(contentOf(storage, ['s'])).toEqual({ s: { a: '1', b: '2', c: '3' } })
    expect(storage.checkpoint).toEqual({ s: at(4) })
  })

  it('belongs to the last who opened it, also when that one has closed it', async () => {
    await storage.write([change('s', 'a', '1')], { s: at(1) })
    await (await place.open()).close()
    await expect(storage.write([change('s', 'a', 'late')], { s: at(2) })).rejects.toThrow(
      /taken over by another process/,
    )
  })

  it('belongs to one of many who open it at once', async () => {
    await storage.write([change('s', 'a', '1')], { s: at(1) })
    const all = await Promise.all(Array.from({ length: 8 }, () => place.open()))
    const written = await Promise.allSettled(
      all.map((one, index) => one.write([change('s', `${index}`, 'x')], { s: at(2) })),
    )
    const owner = written.findIndex(({ status }) => status === 'fulfilled')
    expect(written.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const one of all) await one.close()
    await storage.close()
    storage = await place.open()
    expect(contentOf(storage, ['s'])).toEqual({ s: { a: '1', [owner]: 'x' } })
  })

  it('takes nothing after it is closed', async () => {
    await storage.write([change('s', 'a', '1')], {})
    await storage.close()
    await expect(storage.write([change('s', 'a', '2')], {})).rejects.toThrow(StorageError)
    expect(() => storage.table('s').get(text('a'))).toThrow(StorageError)
    await storage.close()
  })

  it('has what a thousand writes have left, however often it was opened', async () => {
    const [model, random] = [new Map<string, string>(), seededRandom(3)]
    for (let index = 0; index < 1000; index++) {
      const key = `key-${Math.floor(random.next() * 50)}`
      const value = random.next() < 0.3 ? null : `${index}`.repeat(Math.floor(random.next() * 20))
      if (value === null) model.delete(key)
      else model.set(key, value)
      await storage.write([change('s', key, value)], { s: at(index) })
      if (index % 90 === 0) await reopen()
    }
    expect(contentOf(storage, ['s'])).toEqual({ s: Object.fromEntries(model) })
  })
})
