import type { Random } from '@kafkado/core'
import { encodeHead, isOvertaken, type JournalHead, stateFileName, withNumber } from './file-head.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'
import type { StateFile } from './journal-files.ts'
import type { JournalMeta } from './journal-meta.ts'
import type { JournalState } from './journal-state.ts'
import type { JournalSizes } from './journal-sizes.ts'
import { restoreNames } from './removal.ts'

/** A random 32-bit number other than 0. */
export const chanceNumber = (random: Random): number => 1 + Math.floor(random.next() * (2 ** 32 - 1))

/**
 * Makes the file for further writes: the next one, or a copy that replaces the last one if that is short.
 *
 * @returns undefined when another process has made a file with that number or a greater one
 */
export async function beginFile(
  folder: JournalFolder,
  state: JournalState,
  number: number,
  random: Random,
  sizes: JournalSizes,
): Promise<StateFile | undefined> {
  const last = state.files.all.at(-1)
  if (last && last.length <= sizes.smallFileBytes(state.files.liveBytes)) return copyOf(folder, state, number)
  return nextFile(folder, state, number, random)
}

/** @returns undefined when another process has made a file with that number or a greater one */
export async function nextFile(
  folder: JournalFolder,
  state: JournalState,
  number: number,
  random: Random,
): Promise<StateFile | undefined> {
  const id = Math.max(number, (state.files.all.at(-1)?.id ?? 0) + 1)
  const nonce = chanceNumber(random)
  const meta = state.meta(state.checkpoint, [], new Map())
  const own: JournalMeta = { ...meta, files: [...meta.files, [id, 0]] }
  const head: JournalHead = { number, id, nonce, seed: state.seed, before: state.files.marks(), meta: own }
  const bytes = encodeHead(head)
  const file = await made(folder, state, number, (empty) => empty.write(bytes, 0))
  const rest = { checksum: nonce, lastFrameAt: 0, liveBytes: 0, isUnsynced: true }
  return file && { number, id, nonce, file, headBytes: bytes.length, length: bytes.length, ...rest }
}

async function copyOf(folder: JournalFolder, state: JournalState, number: number): Promise<StateFile | undefined> {
  const last = state.files.newest
  const bytes = Buffer.alloc(last.length)
  if ((await last.file.read(bytes, 0)) < bytes.length)
    throw new Error(`${stateFileName(last.number)} has become shorter while it was read`)
  const head = withNumber(bytes.subarray(0, last.headBytes), number)
  const file = await made(folder, state, number, async (empty) => {
    // The head comes last: without it, the copied file counts.
    await empty.write(bytes.subarray(last.headBytes), last.headBytes)
    await empty.write(head, 0)
  })
  return file && { ...last, number, file, isUnsynced: true }
}

async function made(
  folder: JournalFolder,
  state: JournalState,
  number: number,
  fill: (file: JournalFile) => Promise<void>,
): Promise<JournalFile | undefined> {
  const name = stateFileName(number)
  const file = await folder.create(name)
  if (!file) return undefined
  try {
    const names = await folder.names()
    if (isOvertaken(number, names)) {
      await file.close()
      await folder.remove(name)
      return undefined
    }
    await restoreNames(folder, state.files, number, names)
    await fill(file)
    return file
  } catch (error) {
    await file.close()
    // Otherwise it would look as if another process had taken the folder over.
    await folder.remove(name).catch(() => undefined)
    throw error
  }
}
