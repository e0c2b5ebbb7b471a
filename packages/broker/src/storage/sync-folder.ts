import { close, fsync, open } from 'node:fs'
import { promisify } from 'node:util'

const [openFile, syncDescriptor, closeFile] = [promisify(open), promisify(fsync), promisify(close)]

/** Makes durable which names a folder has. */
export async function syncFolder(path: string): Promise<void> {
  // Windows has no way to sync a folder, and keeps names by a journal of its own.
  if (process.platform !== 'win32') await sync(path, 'r')
}

/** Windows syncs only what is open for writing. */
export function syncFile(path: string): Promise<void> {
  return sync(path, 'r+')
}

/** By a descriptor: the file handles of Yarn PnP, which stands before the file system, have no sync. */
async function sync(path: string, flags: 'r' | 'r+'): Promise<void> {
  const file = await openFile(path, flags)
  try {
    await syncDescriptor(file)
  } finally {
    await closeFile(file)
  }
}
