import { readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { StorageError } from '@kafkado/core'
import { requireOptional } from '@kafkado/core/internal/node'
import type * as lmdb from 'lmdb'
import type { Database, RootDatabase } from 'lmdb'
import { syncFile, syncFolder } from '../sync-folder.ts'

const { open } = requireOptional('lmdb', import.meta.url) as typeof lmdb

/** Increase it when the stored form changes. */
const formatVersion = 3

export type LogKey = [logId: number, offset: number]
export type MetadataKey = [kind: string, ...path: (string | number)[]]

/** The databases in one LMDB file. */
export interface LmdbDatabases {
  readonly root: RootDatabase
  /** Keyed by the LAST offset of each batch: the batch with an offset is the first key from that offset on. */
  readonly log: Database<Buffer, LogKey>
  /** `[logId, running maximum of the timestamps]` → the base offset of the following batch, and the bytes before it. */
  readonly time: Database<[baseOffset: number, position: number], LogKey>
  /** `[logId, base offset]` → the bytes before it. */
  readonly position: Database<number, LogKey>
  readonly metadata: Database<unknown, MetadataKey>
}

/** `overlappingSync` must be off: with it a put resolves before it is on the disk. */
export function openDatabases(path: string): LmdbDatabases {
  const root = open({ path, overlappingSync: false, maxDbs: 8 })
  return {
    root,
    log: root.openDB<Buffer, LogKey>({ name: 'log', encoding: 'binary' }),
    time: root.openDB<[baseOffset: number, position: number], LogKey>({ name: 'time', encoding: 'json' }),
    position: root.openDB<number, LogKey>({ name: 'position', encoding: 'json' }),
    metadata: root.openDB<unknown, MetadataKey>({ name: 'metadata', encoding: 'json' }),
  }
}

/**
 * Makes the file under another name, and renames it once it is whole and synced: opening a file that a power cut has
 * left half made would end the process.
 */
export async function createDatabases(path: string): Promise<void> {
  const beginning = `${path}.new`
  await removeBeginnings(path)
  const { root, metadata } = openDatabases(beginning)
  await metadata.put(['format'], formatVersion)
  await root.close()
  await takePlace(beginning, path)
}

/** @throws StorageError when another version of kafkado has written them */
export function checkFormat(folder: string, { metadata }: LmdbDatabases): void {
  const found = metadata.get(['format'])
  if (found === formatVersion) return
  throw new StorageError(
    `the folder ${folder} has the format ${JSON.stringify(found)}, this version of kafkado reads format ` +
      `${formatVersion}`,
    { retriable: false },
  )
}

let copies = 0

/** Copies the used pages to a new file, and opens that. */
export async function copyDatabases(
  { root }: LmdbDatabases,
  path: string,
): Promise<{ copy: string; databases: LmdbDatabases }> {
  await removeBeginnings(path)
  // LMDB knows its files by name, and a file opened under this name may still be open.
  const copy = `${path}.new-${++copies}`
  await root.backup(copy, true)
  return { copy, databases: openDatabases(copy) }
}

/** The bytes of used pages. */
export function usedBytes({ root, log, time, position, metadata }: LmdbDatabases): number {
  let pages = 0
  for (const database of [root, log, time, position, metadata]) {
    const stats = database.getStats() as LmdbStats
    pages += stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages
  }
  return pages * (root.getStats() as LmdbStats).pageSize
}

interface LmdbStats {
  readonly pageSize: number
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
}

/** Gives a complete file its final name. */
export async function takePlace(beginning: string, path: string): Promise<void> {
  await syncFile(beginning)
  await rename(beginning, path)
  await rm(`${beginning}-lock`, { force: true })
  await syncFolder(dirname(path))
}

/** Removes unfinished files of a process that has ended. */
async function removeBeginnings(path: string): Promise<void> {
  const folder = dirname(path)
  const left = (await readdir(folder)).filter((name) => name.startsWith(`${basename(path)}.new`))
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })))
}
