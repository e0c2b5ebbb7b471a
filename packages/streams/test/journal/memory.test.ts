import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { seededRandom, string } from '@kafkado/core'
import { expect, it } from 'vitest'
import { JournalStateStorage } from '../../src/state/journal/journal-state-storage.ts'
import { hashOfKey } from '../../src/state/journal/key-hash.ts'
import { addressOf, KeyIndex, nowhere } from '../../src/state/journal/key-index.ts'
import { NodeJournalFolder } from '../../src/state/journal/node-journal-folder.node.ts'
import { KeyValueStore } from '../../src/state/key-value-store.ts'
import { StateFlusher } from '../../src/state/state-flusher.ts'
import { text } from './content.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** All memory held: the heap, and memory outside of it. */
async function heldBytes(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((next) => setImmediate(next))
    collectGarbage()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const mebibyte = 1024 * 1024

it('holds where rows lie, and of keys and values only those that were used since it let go of them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kafkado-state-'))
  const storage = await JournalStateStorage.open({ folder: new NodeJournalFolder(folder), random: seededRandom(1) })
  const definition = {
    name: 'rows',
    kind: 'key-value',
    keySerde: string(),
    valueSerde: string(),
    retentionMs: 0,
    windowSizeMs: 0,
    isLogged: true,
    purpose: 'rows',
  } as const
  const store = new KeyValueStore<string, string>(definition, storage.table('rows'))
  const flusher = new StateFlusher(storage, [store])
  const [rows, atATime] = [20_000, 1000]
  const valueOf = (row: number): string => `${row}:`.padEnd(2000, String(row % 10))
  try {
    const before = await heldBytes()
    for (let start = 0; start < rows; start += atATime) {
      for (let row = start; row < start + atATime; row++) store.put(`a key of some length, ${row}`, valueOf(row), row)
      flusher.add(new Map([['rows', store.takeChanges()]]), {})
      await flusher.flush()
      store.evict(atATime / 2)
    }
    expect((await heldBytes()) - before).toBeLessThan(4 * mebibyte)
    const wrong: number[] = []
    for (let row = 0; row < rows; row++) {
      if (store.get(`a key of some length, ${row}`) !== valueOf(row)) wrong.push(row)
      if (row % atATime === 0) store.evict(atATime / 2)
    }
    store.evict(0)
    expect(wrong).toEqual([])
    expect((await heldBytes()) - before).toBeLessThan(4 * mebibyte)
  } finally {
    await flusher.close()
    await rm(folder, { recursive: true })
  }
})

it.each([100_000, 200_000])('needs 24 bytes at most for each of %d rows', async (rows) => {
  const before = await heldBytes()
  const index = new KeyIndex()
  for (let row = 0; row < rows; row++) index.change(hashOfKey(text(`key ${row}`), 7), nowhere, addressOf(0, row))
  const each = ((await heldBytes()) - before) / rows
  expect(index.size).toBe(rows)
  expect(each).toBeLessThan(25)
})
