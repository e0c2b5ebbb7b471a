import { seededRandom } from '@kafkado/core'
import { JournalSizes } from '../../../packages/streams/src/state/journal/journal-sizes.ts'
import { JournalStateStorage } from '../../../packages/streams/src/state/journal/journal-state-storage.ts'
import type { StateStorage } from '../../../packages/streams/src/state/state-storage.ts'
import { change, contentOf } from '../../../packages/streams/test/journal/content.ts'
import { type Effect, MemoryDisk } from '../../../packages/streams/test/journal/memory-disk.ts'
import { expect } from '../target.ts'

const stores = ['s', 't']
/** So small that a few hundred bytes make files, of which some are given up. */
const smallUnit = 400

/** A disk with these files. */
export function diskOf(files: ReadonlyMap<string, Buffer>): MemoryDisk {
  const effects = [...files].flatMap(([name, bytes], index): Effect[] => [
    { kind: 'create', file: index + 1, name },
    { kind: 'write', file: index + 1, position: 0, bytes },
  ])
  return MemoryDisk.afterKill(effects, effects.length)
}

export function openedState(
  disk: MemoryDisk,
  onLoss: (why: string) => void,
  random = seededRandom(3),
  unit = smallUnit,
): Promise<JournalStateStorage> {
  const folder = disk.folder('a simulated folder')
  return JournalStateStorage.open({ folder, random, sizes: new JournalSizes(unit), onLoss })
}

/** Everything in the stores, as text. @throws StorageError */
export function stateContent(storage: StateStorage): string {
  const byName = ([left]: [string, unknown], [right]: [string, unknown]): number => (left < right ? -1 : 1)
  return JSON.stringify([
    Object.entries(storage.checkpoint).sort(byName),
    Object.values(contentOf(storage, stores)).map((content) => Object.entries(content).sort(byName)),
  ])
}

export interface StateHistory {
  readonly folders: readonly ReadonlyMap<string, Buffer>[]
  /** What it held after any unit. */
  readonly known: ReadonlySet<string>
}

const at = (offset: number) => ({ offset, observedTime: offset * 10 })

type Step = (storage: StateStorage) => Promise<void>

const steps: readonly Step[] = [
  (storage) => storage.write([change('s', 'a', '1'), change('s', 'b', '2'), change('t', 'a', '')], { s: at(2) }),
  (storage) => storage.write([change('s', 'a', '3'), change('s', 'b', null)], { t: at(5) }),
  (storage) => storage.write([change('t', 'long', 'x'.repeat(150))], { s: at(6) }),
  (storage) => storage.clear('s'),
  (storage) => storage.write([change('s', 'c', '4'), change('t', 'a', '5')], { s: at(9) }),
]

/** After so many steps a folder is fuzzed, as a killed process leaves it; and the last one as one that has ended. */
const kept = [2, 5]

export async function historyOfState(): Promise<StateHistory> {
  const [known, folders] = [new Set<string>(), [] as Map<string, Buffer>[]]
  for (const unit of [smallUnit, 4096]) {
    const [disk, random] = [new MemoryDisk(), seededRandom(unit)]
    const open = (): Promise<StateStorage> => openedState(disk, (why) => expect(false, why), random, unit)
    const keep = (): void =>
      void folders.push(new Map([...disk.names.keys()].map((name) => [name, Buffer.from(disk.bytesOf(name))])))
    let storage = await open()
    const note = (): void => void known.add(stateContent(storage))
    note()
    for (const [index, step] of steps.entries()) {
      await step(storage)
      note()
      if (kept.includes(index + 1)) keep()
      if (index !== 1) continue
      await storage.close()
      storage = await open()
      note()
    }
    await storage.close()
    keep()
  }
  return { folders, known }
}
