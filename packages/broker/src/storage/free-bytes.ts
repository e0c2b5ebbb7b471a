import { statfs } from 'node:fs/promises'

/** How much the disk of a folder still takes, from those who are not its administrators. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
