import { crc32c } from '@kafkado/core/internal'
import { damagedFile } from './journal-damage.ts'
import type { JournalFile, JournalFolder } from './journal-folder.ts'
import { StoredFields } from './stored-content.ts'

/**
 * The beginning and the end of the head in every file of a journal, little-endian:
 *
 *     at  size  field
 *      0     8  the name of the format; its last character grows when the format changes
 *      8     4  number         the number in the file's name
 *     12    48  fields of the kind of file
 *     60     4  CRC-32C of all before
 */
export interface HeadKind {
  /** The name of the format. */
  readonly magic: Buffer
  /** The kind in errors, such as "a journal file". */
  readonly what: string
  fileName(number: number): string
}

export const headBytes = 64
const formatAt = 7
const checksumAt = 60

/** Begins a head; write the fields of its kind, then call `sealHead`. */
export function beginHead({ magic }: HeadKind, number: number): Buffer {
  const bytes = Buffer.alloc(headBytes)
  magic.copy(bytes)
  bytes.writeUInt32LE(number, 8)
  return bytes
}

export function sealHead(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(crc32c(bytes, 0, checksumAt), checksumAt)
  return bytes
}

/** The number of a file in a journal; undefined if the name is not `N` and the ending. */
export function numberOfFile(name: string, ending: string): number | undefined {
  const digits = name.slice(0, -ending.length)
  if (!name.endsWith(ending) || !/^[1-9][0-9]{0,9}$/.test(digits)) return undefined
  // No head has a greater one.
  return Number(digits) < 2 ** 32 ? Number(digits) : undefined
}

/** @throws StorageError when it is not a head of this kind, or belongs to a file with another number */
export function readHead(kind: HeadKind, folder: JournalFolder, number: number, file: JournalFile): StoredFields {
  const bytes = Buffer.alloc(headBytes)
  const found = file.readSync([bytes], 0)
  const refuse = (byte: number, what: string): never => {
    throw damagedFile({ folder: folder.path, file: kind.fileName(number), byte }, what)
  }
  if (found < headBytes) refuse(found, `it ends within its head of ${headBytes} bytes`)
  if (
    bytes.compare(kind.magic, 0, formatAt, 0, formatAt) !== 0 ||
    crc32c(bytes, 0, checksumAt) !== bytes.readUInt32LE(checksumAt)
  )
    refuse(0, `it does not begin with the head of ${kind.what}`)
  const [format, ours] = [bytes, kind.magic].map((one) => String.fromCharCode(one[formatAt] as number))
  if (format !== ours) refuse(formatAt, `it has the format ${format}, and this version of kafkado reads format ${ours}`)
  if (bytes.readUInt32LE(8) !== number)
    refuse(8, `it is the file ${kind.fileName(bytes.readUInt32LE(8))} by another name`)
  return new StoredFields(bytes, refuse)
}
