import type { Random } from '@kafkado/core'
import { type FileMark, givenUpName, type JournalHead, readHead, stateFileName, stateFileNumber } from './file-head.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'
import type { JournalSizes } from './journal-sizes.ts'
import type { StateFile } from './journal-files.ts'
import { JournalState } from './journal-state.ts'
import { loadSnapshot, snapshotName, snapshotNumber } from './index-snapshot.ts'
import { beginFile, chanceNumber } from './new-file.ts'
import { Replay } from './replay.ts'

/** A journal owned by the process that opened it. */
export interface OpenedJournal {
  readonly state: JournalState
  /** The loss, in words, if the files have lost records; these come from the changelog. */
  readonly loss: string | undefined
  /** The files that nobody needs. */
  readonly unneeded: readonly string[]
  /** How many bytes of frames were read because no snapshot has them. */
  readonly replayedBytes: number
}

interface FoundFile {
  readonly file: JournalFile
  readonly head: JournalHead
  readonly headBytes: number
}

/** Other processes may open the folder at the same time, and each takes a number. */
const mostAttempts = 100

/**
 * Opens a journal: finds the newest file, reads it and the files before it up to the first damaged frame, and begins
 * its own file, which makes it the owner. Everything behind a damaged frame is given up, and all files are given up
 * when a needed one is missing: the changelog has everything committed.
 *
 * @throws the disk's error
 */
export async function openJournal(folder: JournalFolder, random: Random, sizes: JournalSizes): Promise<OpenedJournal> {
  await folder.make()
  let lossBefore: string | undefined
  for (let attempt = 1; ; attempt++) {
    const recovery = new Recovery(folder, random, sizes, lossBefore)
    try {
      const opened = await recovery.run()
      if (opened) return opened
    } catch (error) {
      // The owner may have removed a file meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === mostAttempts) throw error
    } finally {
      await recovery.closeUnused()
    }
    lossBefore = recovery.loss
    if (attempt === mostAttempts) throw new Error(`${attempt} times somebody else has opened it meanwhile`)
  }
}

class Recovery {
  readonly #folder: JournalFolder
  readonly #random: Random
  readonly #sizes: JournalSizes
  readonly #found = new Map<number, FoundFile>()
  readonly #open = new Set<JournalFile>()
  readonly #lossBefore: string | undefined
  #state: JournalState
  #loss: string | undefined
  #replayedBytes = 0
  #isDone = false

  /** @param lossBefore the loss that the previous attempt has found */
  constructor(folder: JournalFolder, random: Random, sizes: JournalSizes, lossBefore: string | undefined) {
    this.#folder = folder
    this.#random = random
    this.#sizes = sizes
    this.#lossBefore = lossBefore
    this.#state = new JournalState(chanceNumber(random))
  }

  get loss(): string | undefined {
    return this.#loss
  }

  /** Undefined when another process was faster, or may have changed files during the reads. */
  async run(): Promise<OpenedJournal | undefined> {
    const names = await this.#folder.names()
    const numbers = numbersIn(names, stateFileNumber)
    for (const number of numbers) await this.#find(number, stateFileName(number))
    for (const number of numbersIn(names, givenUpNumber))
      if (!numbers.includes(number)) await this.#find(number, givenUpName(stateFileName(number)))
    const newest = numbers.findLast((number) => this.#found.has(number))
    let snapshot: string | undefined
    if (newest !== undefined) snapshot = await this.#read(newest, numbersIn(names, snapshotNumber))
    else if (numbers.length > 0) this.#loss = 'none of its files has a head that this version of kafkado reads'
    // A head may name files that got their names back after they were listed: a loss must be found twice in a row.
    if (this.#loss !== this.#lossBefore && this.#loss !== undefined) return undefined
    const state = this.#state
    const file = await beginFile(this.#folder, state, (numbers.at(-1) ?? 0) + 1, this.#random, this.#sizes)
    if (!file) return undefined
    await state.files.add(file)?.file.close()
    // A former owner may just be renaming one for its removal once more.
    const kept = state.files.all.map(({ number }) => stateFileName(number))
    const needed = new Set([snapshot, ...kept, ...kept.map(givenUpName)])
    const isOurs = (name: string): boolean => /^[0-9]+\.(state|index)(\.new|\.gone)?$/.test(name)
    for (const one of state.files.all) this.#open.delete(one.file)
    this.#isDone = true
    return {
      state,
      loss: this.#loss,
      unneeded: names.filter((name) => isOurs(name) && !needed.has(name)),
      replayedBytes: this.#replayedBytes,
    }
  }

  /** Closes the opened files that the result does not use. */
  async closeUnused(): Promise<void> {
    for (const file of this.#open) await file.close()
    this.#open.clear()
    // Some may be copies that replace opened files.
    if (!this.#isDone) for (const { file } of this.#state.files.all) await file.close()
  }

  async #find(number: number, name: string): Promise<void> {
    const file = await this.#folder.open(name)
    this.#open.add(file)
    const found = await readHead(file, number)
    if (found) this.#found.set(number, { file, ...found })
  }

  /** Returns the snapshot it has used. */
  async #read(newest: number, snapshots: readonly number[]): Promise<string | undefined> {
    const { head, file, headBytes } = this.#found.get(newest) as FoundFile
    const { number, id, nonce } = head
    const own = { number, id, nonce, length: Math.max(await file.length(), headBytes), checksum: nonce }
    for (const mark of [...head.before, own]) this.#add(mark)
    this.#state = new JournalState(head.seed, this.#state.files)
    const marks = new Map([...head.before, own].map((mark) => [mark.id, mark]))
    const loaded = await this.#loadSnapshot(snapshots)
    if (loaded) this.#state = loaded.state
    const replay = new Replay(this.#state, loaded?.meta ?? head.meta)
    const ends = await this.#replay(replay, marks, own, loaded?.file)
    this.#replayedBytes = replay.readBytes
    this.#keepWhatCounts(replay, ends)
    return loaded && snapshotName(loaded.number)
  }

  #add(mark: FileMark): void {
    const found = this.#found.get(mark.number)
    // The file was given up since and is missing, or another file has its name now.
    if (found?.head.nonce !== mark.nonce || found.head.id !== mark.id) return
    const { file, headBytes } = found
    const rest = { checksum: mark.nonce, lastFrameAt: 0, liveBytes: 0, isUnsynced: true }
    const { number, id, nonce, length } = mark
    this.#state.files.add({ number, id, nonce, file, headBytes, length, ...rest })
  }

  async #loadSnapshot(
    numbers: readonly number[],
  ): Promise<(NonNullable<Awaited<ReturnType<typeof loadSnapshot>>> & { number: number }) | undefined> {
    for (const number of numbers.toReversed()) {
      const file = await this.#folder.open(snapshotName(number))
      this.#open.add(file)
      const loaded = await loadSnapshot(file, this.#state.files)
      if (loaded) return { ...loaded, number }
    }
    return undefined
  }

  /** Reads file by file, and returns the last one that counts; the others are given up. */
  async #replay(
    replay: Replay,
    marks: ReadonlyMap<number, FileMark>,
    own: FileMark,
    from: StateFile | undefined,
  ): Promise<StateFile | undefined> {
    let last: StateFile | undefined
    for (const file of this.#state.files.all) {
      if (from && file.id < from.id) {
        const mark = marks.get(file.id) as FileMark
        file.checksum = mark.checksum
        file.lastFrameAt = file.headBytes
        continue
      }
      const { length, checksum } = marks.get(file.id) as FileMark
      const head = file === from ? undefined : (this.#found.get(file.number) as FoundFile).head
      const isUnreadable = await replay.read(file, length, head?.meta)
      last = file
      // The last file ends wherever its owner has stopped; the lengths of earlier files are known.
      if (file.id === own.id && !isUnreadable) break
      if (file.length === length && file.checksum === checksum) continue
      this.#loss = `the file ${stateFileName(file.number)} is damaged at byte ${file.length}`
      break
    }
    return last
  }

  #keepWhatCounts({ meta }: Replay, last: StateFile | undefined): void {
    const { files } = this.#state
    const live = new Map(meta.files)
    const present = files.all.filter(({ id }) => last && id <= last.id)
    const missing = meta.files.find(([id]) => !present.some((file) => file.id === id))
    if (missing) {
      this.#loss ??= `a file is missing, which had the id ${missing[0]}`
      for (const file of files.all) files.remove(file)
      this.#state = new JournalState(chanceNumber(this.#random))
      return
    }
    const unneeded = files.all.filter(({ id }) => !live.has(id))
    for (const file of unneeded) files.remove(file)
    for (const file of files.all) file.liveBytes = live.get(file.id) as number
    if (unneeded.length === 0) return
    const slots = new Set(files.all.map(({ id }) => files.slotOf(id) as number))
    for (const { index } of this.#state.stores) index.keepSlots(slots)
  }
}

/** The number of a file that is about to be removed. */
function givenUpNumber(name: string): number | undefined {
  return name === givenUpName(name.slice(0, -5)) ? stateFileNumber(name.slice(0, -5)) : undefined
}

function numbersIn(names: readonly string[], numberOf: (name: string) => number | undefined): number[] {
  return names
    .map(numberOf)
    .filter((number) => number !== undefined)
    .sort((left, right) => left - right)
}
