import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'

/** Locks and notes of the process that had the folder: they belong to nobody who copies it. */
const ofTheProcess = /(^|-)lock(-journal)?$|^process-id$/

/** All files of a folder in one, small enough to be kept in the repository. */
export async function packFolder(folder: string): Promise<Uint8Array> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !ofTheProcess.test(entry.name))
  const contents = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    return [path.slice(folder.length + 1), (await readFile(path)).toString('base64')] as const
  })
  return brotliCompressSync(JSON.stringify(Object.fromEntries(await Promise.all(contents))))
}

/** Puts the files back, into a folder that is there. */
export async function unpackFolder(packed: Uint8Array, folder: string): Promise<void> {
  const contents = JSON.parse(brotliDecompressSync(packed).toString()) as Record<string, string>
  for (const [name, content] of Object.entries(contents)) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, Buffer.from(content, 'base64'))
  }
}
