import { statfs } from 'node:fs/promises'

/** How many bytes the disk of a folder still has for users other than its administrators. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
