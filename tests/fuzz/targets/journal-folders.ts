import type { JournalStorage } from '@kafkado/broker/disk'
import { StorageError } from '@kafkado/core'
import { journalName } from '../../../packages/broker/src/storage/journal/file-head.ts'
import type { JournalState } from '../../../packages/broker/src/storage/journal/journal-state.ts'
import { readJournal } from '../../../packages/broker/src/storage/journal/recovery.ts'
import { type FoundDamage, verifyJournal } from '../../../packages/broker/src/storage/journal/verify-journal.ts'
import type { SimulatedFolder } from '../../durability/journal/simulated-folder.ts'
import { changerOfFolders } from '../folders/change-folder.ts'
import { decodeFolder, encodeFolder } from '../folders/folder-input.ts'
import { type JournalContent, journalContent } from '../folders/journal-content.ts'
import { folderOf, historyOfJournal, openedOn } from '../folders/journal-history.ts'
import { changeJournalFile, sealJournal } from '../folders/seal-journal.ts'
import { expect, refusal, type Refused, type Target } from '../target.ts'

const { folders, known, batches } = await historyOfJournal()

/** What an engine finds of a journal: it has what was written, or says which file is damaged at which byte. */
export const journalFolders: Target = {
  name: 'journal-folders',
  sources: ['broker/src/storage/journal/'],
  seeds: folders.flatMap((files) => [false, true].map((isSealed) => encodeFolder({ isSealed, files }))),
  change: changerOfFolders(changeJournalFile),
  async run(input) {
    const { isSealed, files } = decodeFolder(input)
    if (isSealed) sealJournal(files)
    const folder = folderOf(files)
    const read = await readOnly(folder)
    expect(isSame(folder.contents(), files), 'reading has changed the folder')
    const storage = openedOn(folder)
    try {
      await storage.open()
    } catch (error) {
      const { refused } = namedRefusal(error)
      expect('refused' in read && read.refused === refused, `opened it is refused, and read it is ${textOf(read)}`)
      expect(isSame(folder.contents(), files), 'a refused folder was changed')
      return refused
    }
    expect('state' in read, `read it is refused, and opened it is not: ${textOf(read)}`)
    const { state, damages } = read
    const content = contentOf(() => journalContent(state, storage), isSealed)
    read.close()
    if (!isSealed && 'text' in content) requireWritten(content, state, damages)
    const closed = await close(storage, isSealed)
    if ('text' in content && !closed) await requireSameAgain(folder, content.text)
    return [damages, closed, 'text' in content ? [content.text, [...content.batches]] : content]
  },
}

interface Read {
  readonly state: JournalState
  readonly close: () => void
  readonly damages: readonly FoundDamage[]
}

/** Reads and verifies it, as `kafkado data verify` does. */
async function readOnly(folder: SimulatedFolder): Promise<Read | Refused> {
  try {
    const journal = await readJournal(folder)
    const { state } = journal
    const damages: FoundDamage[] = []
    for await (const found of verifyJournal(folder, state)) if ('file' in found) damages.push(found)
    return { state, close: () => journal.close(), damages }
  } catch (error) {
    return namedRefusal(error)
  }
}

function contentOf(read: () => JournalContent, isSealed: boolean): JournalContent | Refused {
  try {
    return read()
  } catch (error) {
    const refused = refusal(error)
    expect(isSealed, `what was opened cannot be read: ${refused.refused}`)
    return refused
  }
}

async function close(storage: JournalStorage, isSealed: boolean): Promise<Refused | undefined> {
  try {
    await storage.close()
    return undefined
  } catch (error) {
    expect(isSealed, `it cannot be closed: ${String(error)}`)
    return refusal(error)
  }
}

/** What was read before is there when it is opened again, from the checkpoint that was made when it was closed. */
async function requireSameAgain(folder: SimulatedFolder, text: string): Promise<void> {
  const journal = await readJournal(folder)
  const storage = openedOn(folder)
  await storage.open()
  const again = journalContent(journal.state, storage)
  journal.close()
  await storage.close()
  expect(again.text === text, `it holds ${again.text} when it is opened again, and held ${text}`)
}

/** What nobody wrote is in batches alone, and whoever verifies the journal is told of it. */
function requireWritten(content: JournalContent, state: JournalState, damages: readonly FoundDamage[]): void {
  expect(known.has(content.text), `it never held ${content.text}`)
  for (const one of content.batches) {
    const [logId, lastOffset] = one[0].split('/').map(Number) as [number, number]
    if (batches.has(one.join(' '))) continue
    const address = state.addressOf(logId, lastOffset) as number
    const { head } = state.files.at(address)
    // What follows a damaged frame is not verified.
    const isTold = damages.some(({ file, byte, batch }) =>
      batch
        ? batch.logId === logId && batch.lastOffset === lastOffset
        : file === journalName(head.number) && byte <= address - head.start,
    )
    expect(isTold, `nobody wrote ${one[0]}, and it is not told of: ${one[1]}`)
  }
}

/** A refusal that says which file it is, and which byte. */
function namedRefusal(error: unknown): Refused {
  const refused = refusal(error)
  expect(StorageError.is(error), `it is no StorageError: ${String(error)}`)
  const isNamed = /^the file \S+ in a simulated folder is (damaged at byte \d+|missing): /.test(refused.refused)
  expect(isNamed, `neither file nor byte is named: ${refused.refused}`)
  return refused
}

const textOf = (read: Read | Refused): string => ('refused' in read ? read.refused : 'not')

function isSame(one: ReadonlyMap<string, Buffer>, other: ReadonlyMap<string, Buffer>): boolean {
  return one.size === other.size && [...one].every(([name, bytes]) => other.get(name)?.equals(bytes))
}
