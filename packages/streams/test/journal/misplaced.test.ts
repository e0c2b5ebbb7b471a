import { seededRandom, StorageError } from '@kafkado/core'
import { expect, it } from 'vitest'
import { RecordView, recordHeadBytes } from '../../src/state/journal/frame.ts'
import { JournalSizes } from '../../src/state/journal/journal-sizes.ts'
import { JournalStateStorage } from '../../src/state/journal/journal-state-storage.ts'
import { change, contentOf, text } from './content.ts'
import { MemoryDisk } from './memory-disk.ts'

const stores = ['s', 't']
const sizes = new JournalSizes(1024)

let folders = 0
const open = (disk: MemoryDisk): Promise<JournalStateStorage> =>
  JournalStateStorage.open({ folder: disk.folder(`/misplaced-${folders++}`), random: seededRandom(1), sizes })

/** A file with records that are equally long, each of another key or store, and what it held after each unit. */
async function written(): Promise<{ disk: MemoryDisk; name: string; known: string[] }> {
  const disk = new MemoryDisk()
  const storage = await open(disk)
  const known = [JSON.stringify(contentOf(storage, stores))]
  for (const changes of [
    [change('s', 'a', '1'), change('t', 'a', '2'), change('s', 'b', '3')],
    [change('t', 'c', '4'), change('s', 'c', '5')],
    [change('s', 'b', null), change('t', 'xy', '6'), change('t', 'd', '77')],
  ]) {
    await storage.write(changes, {})
    known.push(JSON.stringify(contentOf(storage, stores)))
  }
  await storage.close()
  expect([...disk.names.keys()].some((name) => name.endsWith('.index'))).toBe(true)
  const name = [...disk.names.keys()].find((one) => one.endsWith('.state')) as string
  return { disk, name, known }
}

interface Place {
  readonly at: number
  readonly length: number
  readonly what: string
}

/** Every record in a file, wherever one is whole. */
function recordsIn(bytes: Buffer): Place[] {
  const [view, found] = [new RecordView(), [] as Place[]]
  for (let at = 0; at + recordHeadBytes < bytes.length; at++) {
    view.lookAt(bytes, at)
    if (view.keyBytes === 0 || at + view.length > bytes.length || !view.isSound) continue
    found.push({ at, length: view.length, what: `${view.store}/${view.key.toString()}` })
  }
  return found
}

const operations: Readonly<Record<string, (storage: JournalStateStorage) => unknown>> = {
  entries: (storage) => stores.map((store) => [...storage.table(store).entries()]),
  get: (storage) =>
    ['a', 'b', 'c', 'd', 'xy'].map((key) => stores.map((store) => storage.table(store).get(text(key))?.toString())),
  write: (storage) =>
    storage.write(
      ['a', 'b', 'c', 'd', 'xy'].flatMap((key) => stores.map((store) => change(store, key, '8'))),
      {},
    ),
}

it.each(Object.entries(operations))(
  'tells of each record that a disk has put in the place of another one, by file and byte: %s',
  async (name, operation) => {
    const { disk: sound, name: file, known } = await written()
    const bytes = Buffer.from(sound.bytesOf(file))
    const records = recordsIn(bytes)
    expect(records).toHaveLength(8)
    const again = async (content: Buffer): Promise<{ disk: MemoryDisk; storage: JournalStateStorage }> => {
      const disk = MemoryDisk.afterKill(sound.effects, sound.effects.length)
      disk.setBytes(file, content)
      return { disk, storage: await open(disk) }
    }
    const first = await again(bytes)
    const before = JSON.stringify(await operation(first.storage))
    await first.storage.close()
    let told = 0
    for (const from of records) {
      for (const to of records) {
        if (from.what === to.what) continue
        const changed = Buffer.from(bytes)
        bytes.copy(changed, to.at, from.at, from.at + from.length)
        const { disk, storage } = await again(changed)
        let error: StorageError | undefined
        let result: unknown
        try {
          result = await operation(storage)
        } catch (thrown) {
          if (!StorageError.is(thrown)) throw thrown
          error = thrown
        }
        const pair = `${from.what} at ${to.what}`
        if (error === undefined) expect(JSON.stringify(result), pair).toBe(before)
        else {
          told++
          expect(error.retriable, pair).toBe(true)
          expect(error.message, pair).toMatch(
            /the file \d+\.state in the folder \/misplaced-\d+ for state is damaged at byte \d+/,
          )
        }
        await storage.close()
        if (error === undefined || name === 'write') continue
        const anew = await open(disk)
        expect(known, pair).toContain(JSON.stringify(contentOf(anew, stores)))
        await anew.close()
      }
    }
    expect(told).toBeGreaterThan(20)
  },
)
