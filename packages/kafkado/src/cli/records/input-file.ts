import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { InvalidRequestError } from '@kafkado/core'
import { unreadableFile } from '@kafkado/core/internal/node'

/** Whether the input comes from standard input. */
export function isStandardInput(file: string | undefined): boolean {
  return file === undefined || file === '-'
}

/** Opens the input: a file or standard input. */
export function openInput(file: string | undefined): Readable {
  return file === undefined || isStandardInput(file) ? process.stdin : createReadStream(file)
}

/** The size of a file in bytes. @throws InvalidRequestError when it cannot be read */
export async function sizeOfFile(file: string): Promise<number> {
  const found = await stat(file).catch((cause: unknown) => Promise.reject(unreadableFile(file, cause)))
  if (found.isDirectory()) throw new InvalidRequestError(`${file} is a folder; name a file in it`)
  return found.size
}
