import { open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { StorageError } from '@kafkado/core'

/**
 * A file of LMDB begins with two pages that state its length. The one with the later transaction counts. Each is
 * little-endian:
 *
 *     at  size  field
 *     24     4  0xBEEFC0DE
 *     48     4  pageBytes
 *    144     8  last page
 *    152     8  transaction
 */
const magic = 0xbe_ef_c0_de
const at = { magic: 24, pageBytes: 48, lastPage: 144, transaction: 152 } as const
const headBytes = 160
const [smallestPage, largestPage] = [256, 65_536]
/** A transaction may leave some pages at the end unwritten that it needed only for a while. */
const unwrittenPages = 16

/**
 * LMDB would end the process on a truncated or foreign file, so this check comes first. It does not check the pages in
 * between: batches have checksums.
 *
 * @throws StorageError
 */
export async function checkLmdbFile(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    await checkLmdbPages(path, size, async (position) => {
      const bytes = new Uint8Array(headBytes)
      await file.read(bytes, 0, headBytes, position)
      return bytes
    })
  } finally {
    await file.close()
  }
}

/** @param read gives what stands at a position; zeros where the file has ended */
export async function checkLmdbPages(
  path: string,
  size: number,
  read: (position: number) => Promise<Uint8Array>,
): Promise<void> {
  const head = async (position: number): Promise<DataView> => {
    const bytes = await read(position)
    const view = new DataView(bytes.buffer, bytes.byteOffset, headBytes)
    if (view.getUint32(at.magic, true) !== magic) throw damaged(path, position, 'no page of LMDB begins there')
    return view
  }
  const first = await head(0)
  const pageBytes = first.getUint32(at.pageBytes, true)
  if (pageBytes < smallestPage || pageBytes > largestPage)
    throw damaged(path, at.pageBytes, `no page has ${pageBytes} bytes`)
  const second = await head(pageBytes)
  const transaction = (view: DataView): bigint => view.getBigUint64(at.transaction, true)
  const newest = transaction(first) > transaction(second) ? first : second
  const pages = newest.getBigUint64(at.lastPage, true) + 1n
  if (BigInt(size) < (pages - BigInt(unwrittenPages)) * BigInt(pageBytes))
    throw damaged(path, size, `it ends there, and has been ${pages * BigInt(pageBytes)} bytes long`)
}

function damaged(path: string, byte: number, what: string): StorageError {
  return new StorageError(
    `the file ${basename(path)} in ${dirname(path)} is damaged at byte ${byte}: ${what}. Nothing was changed; ` +
      'bring the folder back from a copy',
    { retriable: false, outcome: 'failed' },
  )
}
