import { StorageError } from '@kafkado/core'
import { change } from '../../../packages/streams/test/journal/content.ts'
import type { MemoryDisk } from '../../../packages/streams/test/journal/memory-disk.ts'
import { changerOfFolders } from '../folders/change-folder.ts'
import { decodeFolder, encodeFolder } from '../folders/folder-input.ts'
import { changeStateFile, sealState } from '../folders/seal-state.ts'
import { diskOf, historyOfState, openedState, stateContent } from '../folders/state-history.ts'
import { expect, refusal, type Refused, type Target } from '../target.ts'

const { folders, known } = await historyOfState()

/**
 * What streams find of the state of a task: it has what was written up to some moment, and says what it has lost; the
 * changelog has the rest.
 */
export const stateFolders: Target = {
  name: 'state-folders',
  sources: ['streams/src/state/journal/'],
  seeds: folders.flatMap((files) => [false, true].map((isSealed) => encodeFolder({ isSealed, files }))),
  change: changerOfFolders(changeStateFile),
  async run(input) {
    const { isSealed, files } = decodeFolder(input)
    if (isSealed) sealState(files)
    const disk = diskOf(files)
    const found = [await open(disk, isSealed)]
    // Damage may be noticed late; from then on the folder has what was before it.
    while ('refused' in (found.at(-1) as object) && found.length < 3) found.push(await open(disk, isSealed))
    expect(isSealed || !('refused' in (found.at(-1) as object)), 'it is damaged still when it is opened anew')
    return found
  },
}

interface Found {
  readonly content: string
  readonly losses: readonly string[]
  readonly written: Refused | undefined
}

/** Opens it, reads everything, writes, and closes it. */
async function open(disk: MemoryDisk, isSealed: boolean): Promise<Found | Refused> {
  const losses: string[] = []
  const storage = await openedState(disk, (why) => void losses.push(why))
  try {
    for (const loss of losses) expect(clearLoss.test(loss), `unclear: ${loss}`)
    const content = stateContent(storage)
    expect(isSealed || isKnown(content), `it never held ${content}`)
    const written = await storage.write([change('s', 'after', 'it')], {}).then(() => undefined, damage)
    return { content, losses, written }
  } catch (error) {
    return isSealed && /when it is asked for by key/.test(String(error)) ? { refused: String(error) } : damage(error)
  } finally {
    await storage.close()
  }
}

const clearLoss =
  /^(the file \d+\.state is damaged at byte \d+|a file is missing, which had the id \d+|none of its files has a head that this version of kafkado reads)$/

const isKnown = (content: string): boolean => known.has(content.replace('["after","it"],', ''))

/** The damage that a reader is told of. */
function damage(error: unknown): Refused {
  const refused = refusal(error)
  expect(StorageError.is(error) && error.retriable, `it is no damage of state: ${refused.refused}`)
  const isNamed = /^the (file \d+\.state in the )?folder a simulated folder for state is damaged/.test(refused.refused)
  expect(isNamed, `it is not named: ${refused.refused}`)
  return refused
}
