import { ByteReader, UndecodableError } from './byte-reader.ts'
import { type DamagedPlace, damagedFile } from './journal-damage.ts'
import type { JournalFile } from './journal-folder.ts'

const rightChecksum = 'its checksum is right, and yet kafkado has never written it'

/**
 * Decodes bytes with a right checksum. A checksum says that nothing has changed since it was made; who made it, it does
 * not say. So whatever cannot be decoded is damage as well, and nobody needs to know more errors than that.
 *
 * @param place where the bytes begin
 * @param decode must read all of them
 * @throws StorageError that names file and byte
 */
export function decodeStored<T>(place: DamagedPlace, bytes: Buffer, decode: (reader: ByteReader) => T): T {
  const reader = new ByteReader(bytes)
  try {
    const value = decode(reader)
    if (!reader.isAtEnd) reader.refuse('more follows than belongs to it')
    return value
  } catch (error) {
    if (!(error instanceof UndecodableError)) throw error
    throw damagedFile({ ...place, byte: place.byte + error.position }, `${rightChecksum}: ${error.message}`)
  }
}

/**
 * Reads a part of a file. It takes no more memory than the file is long, whatever another file says of its length.
 *
 * @returns undefined if the file ends before the part does
 */
export function readPart(file: JournalFile, position: number, count: number): Buffer | undefined {
  if (position + count > file.length()) return undefined
  const bytes = Buffer.allocUnsafe(count)
  return file.readSync([bytes], position) === count ? bytes : undefined
}

/** Fields with a right checksum, at known places. */
export class StoredFields {
  readonly #bytes: Buffer
  readonly #refuse: (byte: number, what: string) => never

  /** @param refuse throws the error for a byte of the fields */
  constructor(bytes: Buffer, refuse: (byte: number, what: string) => never) {
    this.#bytes = bytes
    this.#refuse = refuse
  }

  u32(at: number): number {
    return this.#bytes.readUInt32LE(at)
  }

  /** A count or a place, which is stored as a double. @throws StorageError when it is neither */
  count(at: number, least = 0): number {
    const value = this.#bytes.readDoubleLE(at)
    if (Number.isSafeInteger(value) && value >= least) return value
    return this.#refuse(at, `${rightChecksum}: the number ${value} cannot be there`)
  }
}
