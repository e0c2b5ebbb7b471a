import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidRequestError } from '@kafkado/core'
import type { FolderContent } from './folder-content.ts'

const fileName = 'backup.json'
const currentFormat = 1

/** The contents of a backup. Written last: a backup without it was interrupted. */
export interface BackupManifest extends FolderContent {
  /** When the backup was begun, in milliseconds since the epoch. */
  readonly createdAt: number
}

export async function writeManifest(backup: string, manifest: BackupManifest): Promise<void> {
  const text = JSON.stringify({ format: currentFormat, ...manifest }, undefined, 2)
  await writeFile(join(backup, fileName), `${text}\n`, { flush: true })
}

/** @throws InvalidRequestError when it is missing or unreadable */
export async function readManifest(backup: string): Promise<BackupManifest> {
  const place = join(backup, fileName)
  let text: string
  try {
    text = await readFile(place, 'utf8')
  } catch (cause) {
    throw new InvalidRequestError(
      `the folder ${backup} has no file ${fileName}: it is no backup, or one that was interrupted; make it again`,
      { cause },
    )
  }
  return parseManifest(text, backup)
}

/** @throws InvalidRequestError when it is not as it was written */
export function parseManifest(text: string, backup: string): BackupManifest {
  const place = join(backup, fileName)
  const parsed = parse(text)
  if (!parsed) throw new InvalidRequestError(`the file ${place} is not as it was written: the backup is damaged`)
  if (parsed['format'] !== currentFormat)
    throw new InvalidRequestError(
      `the backup ${backup} has the format ${String(parsed['format'])}, ` +
        `and this version of kafkado reads format ${currentFormat}`,
    )
  const { createdAt, topics, partitions, batches, bytes, checksums } = parsed
  const numbers = [createdAt, topics, partitions, batches, bytes]
  if (!numbers.every((one) => typeof one === 'number') || !isObject(checksums) || !hasTexts(checksums))
    throw new InvalidRequestError(`the file ${place} is not as it was written: the backup is damaged`)
  const [createdAtMs, ...sizes] = numbers as [number, number, number, number, number]
  return {
    createdAt: createdAtMs,
    topics: sizes[0],
    partitions: sizes[1],
    batches: sizes[2],
    bytes: sizes[3],
    checksums,
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function hasTexts(value: Record<string, unknown>): value is Record<string, string> {
  return Object.values(value).every((one) => typeof one === 'string')
}
