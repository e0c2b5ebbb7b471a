import { crc32c, isObject } from '@kafkado/core/internal'
import type { JournalFile } from './journal-folder.ts'
import { isMeta, type JournalMeta } from './journal-meta.ts'
import { greatestU32, isCount, isListOf, mostFileNumber, storedJson } from './stored-json.ts'

/**
 * The head of a file `N.state`, little-endian; frames follow it (frame.ts):
 *
 *     at  size  field
 *      0     8  "KFKSTAT1"      the last character grows when the format changes
 *      8     4  CRC-32C of all that follows in the head
 *     12     4  number          N
 *     16     4  jsonBytes
 *     20        JSON in UTF-8: JournalHead without its number
 *
 * **Order.** The order of files is that of their ids, and their content counts in that order. Each new file gets the
 * next id. When the folder is opened, a short last file is copied to a file with the same id and a greater number, so
 * that restarts do not leave many short files. So addresses contain ids.
 *
 * **Owner.** Numbers only grow, and a file is made only if its name is free. A process that opens a folder makes the
 * next file, whose head lists the earlier files and their lengths: later writes of a former owner are behind these
 * lengths, and do not count. The former owner finds the newer file before its next write, and ends. It may just be
 * about to remove a file that the next owner still needs: see removal.ts.
 *
 * The file with the greatest number is never removed. A process that has made a file checks the folder once more before
 * it writes the head. If there is a greater number by then, a file with the same name has come and gone since its first
 * look, and everything it has read is out of date. It then removes its file and begins again; the owner is not
 * disturbed.
 */
export interface JournalHead {
  readonly number: number
  readonly id: number
  /** Random: frames begin with it, so that frames of another file with the same name are not taken for its own. */
  readonly nonce: number
  /** The seed of key hashes, for the whole folder. */
  readonly seed: number
  /** The files before it, when it was made, in the order of their ids. */
  readonly before: readonly FileMark[]
  /** The state in effect when it was made. */
  readonly meta: JournalMeta
}

/** A file, and the part of it that counts. */
export interface FileMark {
  readonly number: number
  readonly id: number
  readonly nonce: number
  readonly length: number
  /** The checksum of the last frame. */
  readonly checksum: number
}

const magic = Buffer.from('KFKSTAT1', 'latin1')
const fixedBytes = 20

export const stateFileName = (number: number): string => `${number}.state`

/** The name of a file just before its removal (removal.ts). */
export const givenUpName = (name: string): string => `${name}.gone`

/** The number of a file of state; undefined if the name is not such a file's. */
export function stateFileNumber(name: string): number | undefined {
  const found = /^([1-9][0-9]{0,9})\.state$/.exec(name)
  return found && Number(found[1]) <= mostFileNumber ? Number(found[1]) : undefined
}

/** Whether another process has made a file with a greater number. */
export function isOvertaken(number: number, names: readonly string[]): boolean {
  return names.some((name) => (stateFileNumber(name) ?? 0) > number)
}

export function encodeHead({ number, ...rest }: JournalHead): Buffer {
  const json = Buffer.from(JSON.stringify(rest))
  const bytes = Buffer.alloc(fixedBytes + json.length)
  magic.copy(bytes)
  bytes.writeUInt32LE(number, 12)
  bytes.writeUInt32LE(json.length, 16)
  json.copy(bytes, fixedBytes)
  bytes.writeUInt32LE(crc32c(bytes, 12), 8)
  return bytes
}

/** The head of a file, and its length; undefined without a head that this version of kafkado can read. */
export async function readHead(
  file: JournalFile,
  number: number,
): Promise<{ head: JournalHead; headBytes: number } | undefined> {
  const fixed = Buffer.alloc(fixedBytes)
  if ((await file.read(fixed, 0)) < fixedBytes || fixed.compare(magic, 0, 8, 0, 8) !== 0) return undefined
  const headBytes = fixedBytes + fixed.readUInt32LE(16)
  if (headBytes > (await file.length())) return undefined
  const bytes = Buffer.alloc(headBytes)
  if ((await file.read(bytes, 0)) < headBytes || crc32c(bytes, 12) !== bytes.readUInt32LE(8)) return undefined
  if (bytes.readUInt32LE(12) !== number) return undefined
  const head = storedJson(bytes.toString('utf8', fixedBytes), isHead)
  return head && { head: { ...head, number }, headBytes }
}

/** The same head with another number. */
export function withNumber(head: Buffer, number: number): Buffer {
  const bytes = Buffer.from(head)
  bytes.writeUInt32LE(number, 12)
  bytes.writeUInt32LE(crc32c(bytes, 12), 8)
  return bytes
}

export function isMark(value: unknown): value is FileMark {
  return (
    isObject(value) &&
    isCount(value['number'], 1, mostFileNumber) &&
    isCount(value['id'], 1, mostFileNumber) &&
    isCount(value['nonce'], 0, greatestU32) &&
    isCount(value['length'], 0, greatestU32) &&
    isCount(value['checksum'], 0, greatestU32)
  )
}

/** Whether it is a head, whose files come in the order of their ids. */
function isHead(value: unknown): value is Omit<JournalHead, 'number'> {
  if (!isObject(value) || !isMeta(value['meta'])) return false
  const { id, nonce, seed, before } = value
  return (
    isCount(id, 1, mostFileNumber) &&
    isCount(nonce, 0, greatestU32) &&
    isCount(seed, 0, greatestU32) &&
    isListOf(before, isMark) &&
    [...before.map((mark) => mark.id), id].every((one, index, ids) => index === 0 || one > (ids[index - 1] as number))
  )
}
