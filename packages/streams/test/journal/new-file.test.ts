import { seededRandom } from '@kafkado/core'
import { describe, expect, it } from 'vitest'
import { givenUpName, stateFileName } from '../../src/state/journal/file-head.ts'
import type { JournalFolder } from '../../src/state/journal/journal-folder.ts'
import { JournalSizes } from '../../src/state/journal/journal-sizes.ts'
import { JournalState } from '../../src/state/journal/journal-state.ts'
import { beginFile, nextFile } from '../../src/state/journal/new-file.ts'
import { MemoryDisk } from './memory-disk.ts'

const random = seededRandom(1)

/** Ways in which a former owner is about to remove a file that the new one has read. */
const losses: Readonly<Record<string, (folder: JournalFolder, name: string) => Promise<void>>> = {
  'has given it another name': (folder, name) => folder.rename(name, givenUpName(name)),
  'has removed it': (folder, name) => folder.remove(name),
}

type Begin = (folder: JournalFolder, state: JournalState, number: number) => Promise<unknown>
const beginnings: Readonly<Record<string, Begin>> = {
  'the next one': (...given) => nextFile(...given, random),
  'the next one, as the last is long': (...given) => beginFile(...given, random, new JournalSizes(0)),
  'a copy of the last one, as that is short': (...given) => beginFile(...given, random, new JournalSizes()),
}

const cases = Object.keys(losses).flatMap((loss) =>
  Object.keys(beginnings).flatMap((beginning) => [0, 1].map((lost) => [beginning, lost + 1, loss] as const)),
)

describe('the file that a new owner writes to', () => {
  it.each(cases)(
    'counts, be it %s, once those that it needs have their names: of file %i the former owner %s',
    async (beginning, lost, loss) => {
      const disk = new MemoryDisk()
      const folder = disk.folder()
      const state = new JournalState(1)
      for (const number of [1, 2]) {
        const file = await nextFile(folder, state, number, random)
        if (file) state.files.add(file)
      }
      await losses[loss]?.(folder, stateFileName(lost))
      let own: number | undefined
      const missingAtWrites: string[][] = []
      disk.onEffect = (effect) => {
        if (effect.kind === 'create' && effect.name === stateFileName(3)) own = effect.file
        if (effect.kind === 'write' && effect.file === own)
          missingAtWrites.push([1, 2].map(stateFileName).filter((name) => !disk.names.has(name)))
        return undefined
      }
      expect(await beginnings[beginning]?.(folder, state, 3)).toBeDefined()
      expect(missingAtWrites.length).toBeGreaterThan(0)
      expect(missingAtWrites.flat()).toEqual([])
    },
  )
})
