import { close, fsync, open } from 'node:fs'
import { promisify } from 'node:util'

const [openFile, syncDescriptor, closeFile] = [promisify(open), promisify(fsync), promisify(close)]

/** Makes the file names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot sync a folder, and journals its file names itself.
  if (process.platform !== 'win32') await sync(path, 'r')
}

/** Windows syncs only files open for writing. */
export function syncFile(path: string): Promise<void> {
  return sync(path, 'r+')
}

/** Uses a descriptor: with Yarn PnP, which replaces the file system, file handles have no sync. */
async function sync(path: string, flags: 'r' | 'r+'): Promise<void> {
  const file = await openFile(path, flags)
  try {
    await syncDescriptor(file)
  } finally {
    await closeFile(file)
  }
}
