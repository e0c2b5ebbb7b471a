import { open } from 'node:fs/promises'

/** Makes durable which names a folder has. */
export async function syncFolder(path: string): Promise<void> {
  // Windows has no way to sync a folder, and keeps names by a journal of its own.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
