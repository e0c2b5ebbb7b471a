import { setImmediate as turn } from 'node:timers/promises'
import { StorageChanges } from '@kafkado/broker/storage'
import { JournalStorage } from '@kafkado/broker/disk'
import { type Runtime, seededRandom } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { readJournal } from '../../../packages/broker/src/storage/journal/recovery.ts'
import { SimulatedFolder } from '../../durability/journal/simulated-folder.ts'
import { batchOf } from '../batches.ts'
import { journalContent } from './journal-content.ts'

export const runtime = (): Runtime => ({ clock: new ManualClock(), random: seededRandom(4) })

/** Files of a few hundred bytes, so that a small folder has everything that a large one has. */
const limits = { fileBytes: () => 640, zerosAheadBytes: 32, newRows: 6, newMetadata: 160, minReclaimedBytes: 256 }

export function folderOf(files: ReadonlyMap<string, Buffer>): SimulatedFolder {
  return new SimulatedFolder(seededRandom(5), { pause: () => Promise.resolve() }, files)
}

export function openedOn(folder: SimulatedFolder): JournalStorage {
  return new JournalStorage('simulated', { disk: folder, limits, runtime: runtime() })
}

/** A journal of everything that a journal can have, at some moments. */
export interface JournalHistory {
  readonly folders: readonly ReadonlyMap<string, Buffer>[]
  /** What it held at any moment, as text. */
  readonly known: ReadonlySet<string>
  /** Each batch that it held at any moment, by its log and last offset. */
  readonly batches: ReadonlySet<string>
}

const batch = (baseOffset: number, count: number): Uint8Array => batchOf({ baseOffset, partitionLeaderEpoch: 2 }, count)

type Step = (storage: JournalStorage) => Promise<unknown>

function commit(fill: (changes: StorageChanges) => void): Step {
  return (storage) => {
    const changes = new StorageChanges()
    fill(changes)
    return storage.commit(changes)
  }
}

const appended = (logId: number, baseOffset: number, count = 1): Step =>
  commit(({ batches, indexEntries }) => {
    batches.push({ logId, lastOffset: baseOffset + count - 1, bytes: batch(baseOffset, count) })
    indexEntries.push({ logId, baseOffset, maxTimestamp: baseOffset * 1000 - 1, position: baseOffset * 80 })
  })

const steps: readonly Step[] = [
  commit((changes) => {
    changes.put('engine', ['identity'], { clusterId: 'c', nextLogId: 3 })
    changes.put('producerIds', [], { next: 1000 })
  }),
  appended(1, 0),
  appended(2, 0, 2),
  commit((changes) => {
    changes.batches.push({ logId: 1, lastOffset: 1, bytes: Buffer.from('no batch of records') })
    changes.put('trim', [7], { beforeOffset: 2 })
  }),
  appended(1, 2, 2),
  commit((changes) => {
    changes.replacedBatches.push({ logId: 1, lastOffset: 3, bytes: batch(2, 1) })
    changes.put('trim', [7], null)
    changes.put('trim', [8], { beforeOffset: null })
  }),
  appended(1, 4),
  commit((changes) => changes.replacedBatches.push({ logId: 1, lastOffset: 1, bytes: null })),
  (storage) => storage.removeBatches(2, 1),
  appended(2, 2),
  (storage) => storage.reclaim(),
  (storage) => storage.removeBatches(2, null),
  appended(1, 5),
  appended(3, 0),
  (storage) => storage.compact(),
  appended(3, 1),
]

/** After so many steps a folder is fuzzed; the last one is that of a journal that was closed. */
const kept = [4, 5, 6, 10, steps.length]

/** What is tidied up beside the steps has ended when no file has come or gone for so many turns. */
const quietTurns = 50

async function tidiedUp(folder: SimulatedFolder): Promise<void> {
  let [before, quiet] = ['', 0]
  while (quiet < quietTurns) {
    await turn()
    const now = [...folder.contents().keys()].join()
    quiet = now === before ? quiet + 1 : 0
    before = now
  }
}

export async function historyOfJournal(): Promise<JournalHistory> {
  const folder = folderOf(new Map())
  const storage = openedOn(folder)
  const [known, batches, folders] = [new Set<string>(), new Set<string>(), [] as Map<string, Buffer>[]]
  const note = async (): Promise<void> => {
    const journal = await readJournal(folderOf(folder.contents()))
    const content = journalContent(journal.state, storage)
    journal.close()
    known.add(content.text)
    for (const one of content.batches) batches.add(one.join(' '))
  }
  await storage.open()
  await note()
  for (const [index, step] of steps.entries()) {
    await step(storage)
    await note()
    await tidiedUp(folder)
    await note()
    if (kept.includes(index + 1)) folders.push(folder.contents())
  }
  await storage.close()
  return { folders: [...folders, folder.contents()], known, batches }
}
