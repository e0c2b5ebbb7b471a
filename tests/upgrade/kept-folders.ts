import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const folders = join(import.meta.dirname, 'folders')

/** The names of what was kept. Each was written by the commit before something large was changed. */
export const versions: readonly string[] = await readdir(folders)

export const filesOf = (version: string): Promise<string[]> => readdir(join(folders, version))

export const fileOf = (version: string, name: string): Promise<Buffer> => readFile(join(folders, version, name))
