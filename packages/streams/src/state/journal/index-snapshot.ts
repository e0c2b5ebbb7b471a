import { crc32c, isObject } from '@kafkado/core/internal'
import { type FileMark, isMark } from './file-head.ts'
import { frameChecksum, frameHeadBytes, frameLength } from './frame.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'
import type { JournalFiles, StateFile } from './journal-files.ts'
import { isMeta, type JournalMeta } from './journal-meta.ts'
import { JournalState } from './journal-state.ts'
import { type IndexPart, KeyIndex } from './key-index.ts'
import { greatestU32, isCount, isListOf, storedJson } from './stored-json.ts'

/**
 * A snapshot `N.index` of the places of records, made by the owner of `N.state`, so that opening a folder need not read
 * all of it. In the byte order of the machine, because the entries are copied from memory:
 *
 *     at  size  field
 *      0     8  "KFKSIDX1"      the last character grows when the format changes
 *      8     4  0x01020304      otherwise it is from a machine with another byte order
 *     12     4  CRC-32C of the JSON
 *     16     4  jsonBytes
 *     20        JSON in UTF-8: SnapshotHead
 *               parts           of the stores in their order; each begins with the CRC-32C of what follows in it, the
 *               place of
 *                               its store in that order and the count of its entries; then come all hashes (4 bytes
 *                               each), all offsets in files (4) and all slots of files (2); zeros up to a multiple of
 *                               four bytes
 *
 * It covers the files up to a frame that it names by place and checksum. Frames repeat the checksum of the previous
 * one, so if that frame is found, everything before it is as indexed. The rest is read frame by frame. A snapshot that
 * does not match, or is incomplete, is ignored. It is written under another name and never synced: records have their
 * own checksums, so a record lost in a power cut is noticed when it is read.
 */
interface SnapshotHead {
  readonly seed: number
  /** The last file, up to the end of the frame. */
  readonly position: FileMark
  readonly lastFrameAt: number
  readonly meta: JournalMeta
  readonly slots: readonly (readonly [slot: number, id: number, nonce: number])[]
  /** The numbers of the stores, and their counts of entries. */
  readonly stores: readonly (readonly [number: number, entries: number])[]
}

const magic = Buffer.from('KFKSIDX1', 'latin1')
const byteOrder = 0x01020304
const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1
const fixedBytes = 20
const partHeadBytes = 12
const entryBytes = 10
const writtenBytes = 256 * 1024

export const snapshotName = (number: number): string => `${number}.index`

/** The number of a snapshot; undefined if the name is not a snapshot's. */
export function snapshotNumber(name: string): number | undefined {
  const found = /^([1-9][0-9]{0,9})\.index$/.exec(name)
  return found ? Number(found[1]) : undefined
}

/** Writes a snapshot, while nothing changes. Returns its length. */
export async function writeSnapshot(folder: JournalFolder, state: JournalState): Promise<number> {
  const { newest } = state.files
  const beginning = `${snapshotName(newest.number)}.new`
  await folder.remove(beginning)
  const file = await folder.create(beginning)
  if (!file) throw new Error(`somebody else makes ${beginning}`)
  try {
    const length = await writeParts(file, state)
    await file.close()
    await folder.rename(beginning, snapshotName(newest.number))
    return length
  } catch (error) {
    await file.close()
    await folder.remove(beginning).catch(() => undefined)
    throw error
  }
}

async function writeParts(file: JournalFile, state: JournalState): Promise<number> {
  const stores = [...state.stores]
  const { newest, all } = state.files
  const head: SnapshotHead = {
    seed: state.seed,
    position: state.files.marks().at(-1) as FileMark,
    lastFrameAt: newest.lastFrameAt,
    meta: state.meta(state.checkpoint, [], new Map()),
    slots: all.map(({ id, nonce }) => [state.files.slotOf(id) as number, id, nonce]),
    stores: stores.map(({ number, index }) => [number, index.size]),
  }
  let parts = [encodeHead(head)]
  let [length, waiting] = [0, 0]
  const write = async (): Promise<void> => {
    const bytes = Buffer.concat(parts)
    await file.write(bytes, length)
    length += bytes.length
    parts = []
    waiting = 0
  }
  for (const [place, { index }] of stores.entries()) {
    for (const part of index.parts()) {
      const bytes = encodePart(place, part)
      parts.push(bytes)
      waiting += bytes.length
      if (waiting >= writtenBytes) await write()
    }
  }
  await write()
  return length
}

function encodeHead(head: SnapshotHead): Buffer {
  const text = JSON.stringify(head)
  // Parts begin at multiples of four.
  const json = Buffer.from(text.padEnd(text.length + ((4 - (Buffer.byteLength(text) % 4)) % 4)))
  const bytes = Buffer.alloc(fixedBytes + json.length)
  magic.copy(bytes)
  new Uint32Array(bytes.buffer, bytes.byteOffset + 8, 3).set([byteOrder, crc32c(json), json.length])
  json.copy(bytes, fixedBytes)
  return bytes
}

const partLength = (entries: number): number => partHeadBytes + 8 * entries + 4 * Math.ceil(entries / 2)

function encodePart(place: number, { hashes, offsets, slots }: IndexPart): Buffer {
  const entries = hashes.length
  const bytes = new Uint8Array(partLength(entries))
  const words = new Uint32Array(bytes.buffer, 0, 3 + 2 * entries)
  words[1] = place
  words[2] = entries
  words.set(hashes, 3)
  words.set(offsets, 3 + entries)
  new Uint16Array(bytes.buffer, partHeadBytes + 8 * entries, entries).set(slots)
  words[0] = crc32c(bytes, 4)
  return Buffer.from(bytes.buffer)
}

/**
 * The content of a snapshot that matches the files; undefined if it does not. @param files all files that count, in
 * order
 */
export async function loadSnapshot(
  file: JournalFile,
  files: JournalFiles,
): Promise<{ state: JournalState; meta: JournalMeta; file: StateFile } | undefined> {
  const fixed = Buffer.alloc(fixedBytes)
  if ((await file.read(fixed, 0)) < fixedBytes || fixed.compare(magic, 0, 8, 0, 8) !== 0) return undefined
  const [order, checksum, jsonBytes] = threeWords(fixed, 8)
  const length = await file.length()
  if (order !== byteOrder || fixedBytes + jsonBytes > length) return undefined
  const json = Buffer.alloc(jsonBytes)
  if ((await file.read(json, fixedBytes)) < json.length || crc32c(json) !== checksum) return undefined
  // Zeros that a power cut may have left are a right checksum of nothing, so the JSON is judged by itself.
  const head = storedJson(json.toString(), isSnapshotHead)
  if (!head || !hasAllStores(head) || entriesIn(head) * entryBytes > length) return undefined
  const last = await fittingFile(head, files)
  if (!last) return undefined
  // Records of a removed file were moved since: the following frames tell where.
  const slots = new Map<number, number>()
  for (const [slot, id] of head.slots) {
    const here = files.slotOf(id)
    if (here !== undefined) slots.set(slot, here)
  }
  const state = new JournalState(head.seed, files)
  state.restoreMeta(head.meta)
  const indexes = head.stores.map(([, entries]) => new KeyIndex(entries))
  const read = await readParts(file, fixedBytes + json.length, length, indexes, slots)
  if (read !== entriesIn(head)) return undefined
  for (const [place, [number]] of head.stores.entries()) {
    const store = state.storeByNumber(number)
    if (store) state.setStore({ ...store, index: indexes[place] as KeyIndex })
  }
  last.length = head.position.length
  last.checksum = head.position.checksum
  last.lastFrameAt = head.lastFrameAt
  return { state, meta: head.meta, file: last }
}

function isSnapshotHead(value: unknown): value is SnapshotHead {
  if (!isObject(value) || !isMark(value['position']) || !isMeta(value['meta'])) return false
  return (
    isCount(value['seed'], 0, greatestU32) &&
    isCount(value['lastFrameAt']) &&
    isListOf(value['slots'], isSlot) &&
    isListOf(value['stores'], isCountedStore)
  )
}

function isSlot(value: unknown): value is SnapshotHead['slots'][number] {
  return Array.isArray(value) && value.length === 3 && value.every((one) => isCount(one))
}

function isCountedStore(value: unknown): value is SnapshotHead['stores'][number] {
  return Array.isArray(value) && value.length === 2 && value.every((one) => isCount(one))
}

/** Whether its parts are of the stores in effect: one that were left out would be empty. */
function hasAllStores({ stores, meta }: SnapshotHead): boolean {
  const numbers = new Set(stores.map(([number]) => number))
  return numbers.size === meta.stores.length && meta.stores.every(([, number]) => numbers.has(number))
}

const entriesIn = ({ stores }: SnapshotHead): number => stores.reduce((sum, [, entries]) => sum + entries, 0)

/** The file at the end of the snapshot, if it and the files before it are those that the snapshot was made of. */
async function fittingFile(
  { position, lastFrameAt, slots }: SnapshotHead,
  files: JournalFiles,
): Promise<StateFile | undefined> {
  const places = new Map(files.all.map((one, place) => [one.id, place]))
  const isSame = slots.every(([, id, nonce]) => !places.has(id) || files.all[places.get(id) as number]?.nonce === nonce)
  const last = files.all[places.get(position.id) ?? -1]
  if (!isSame || !last || position.length > last.length) return undefined
  for (const one of files.all) {
    if (one === last) break
    if (slots.some(([, id]) => id === one.id) && (await one.file.length()) < one.length) return undefined
  }
  if (lastFrameAt === 0)
    return position.length === last.headBytes && position.checksum === last.nonce ? last : undefined
  const frame = Buffer.alloc(frameHeadBytes)
  if ((await last.file.read(frame, lastFrameAt)) < frameHeadBytes) return undefined
  const isThere = frameChecksum(frame) === position.checksum && lastFrameAt + frameLength(frame) === position.length
  return isThere ? last : undefined
}

/** Returns the number of entries; undefined if a part is damaged. */
async function readParts(
  file: JournalFile,
  start: number,
  length: number,
  indexes: readonly KeyIndex[],
  slots: ReadonlyMap<number, number>,
): Promise<number | undefined> {
  let [pieceBytes, entries] = [writtenBytes, 0]
  for (let at = start; at < length;) {
    // Aligned, so that numbers can be read in place.
    const bytes = Buffer.from(new ArrayBuffer(Math.min(pieceBytes, length - at)))
    if ((await file.read(bytes, at)) < bytes.length) return undefined
    const read = readWholeParts(bytes, indexes, slots)
    if (!read || (read.bytes === 0 && at + bytes.length === length)) return undefined
    // A part longer than a piece gets a longer piece; if a piece ends within a part, that part is read again.
    if (read.bytes === 0) pieceBytes *= 2
    at += read.bytes
    entries += read.entries
  }
  return entries
}

/** Numbers in the byte order of the machine. */
function threeWords(bytes: Buffer, at: number): readonly [number, number, number] {
  const words = new DataView(bytes.buffer, bytes.byteOffset + at, 12)
  return [words.getUint32(0, isLittleEndian), words.getUint32(4, isLittleEndian), words.getUint32(8, isLittleEndian)]
}

function readWholeParts(
  bytes: Buffer,
  indexes: readonly KeyIndex[],
  slots: ReadonlyMap<number, number>,
): { bytes: number; entries: number } | undefined {
  let [at, sum] = [0, 0]
  while (at + partHeadBytes <= bytes.length) {
    const [checksum, place, entries] = threeWords(bytes, at)
    const end = at + partLength(entries)
    if (end > bytes.length) break
    const index = indexes[place]
    if (!index || crc32c(bytes, at + 4, end) !== checksum) return undefined
    const hashes = new Uint32Array(bytes.buffer, at + partHeadBytes, entries)
    const offsets = new Uint32Array(bytes.buffer, at + partHeadBytes + 4 * entries, entries)
    const numbers = new Uint16Array(bytes.buffer, at + partHeadBytes + 8 * entries, entries)
    index.load({ hashes, offsets, slots: numbers }, slots)
    sum += entries
    at = end
  }
  return { bytes: at, entries: sum }
}
