import { open } from 'node:fs/promises'

/** Makes durable which names a folder has. */
export async function syncFolder(path: string): Promise<void> {
  // Windows has no way to sync a folder, and keeps names by a journal of its own.
  if (process.platform !== 'win32') await syncFile(path)
}

export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
