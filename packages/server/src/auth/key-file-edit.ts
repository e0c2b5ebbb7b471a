import { type FileHandle, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { InvalidRequestError, type Runtime, systemRuntime } from '@kafkado/core'
import { messageOf, sleep } from '@kafkado/core/internal'
import { openPlainDatabase, type PlainDatabase } from '@kafkado/core/internal/node'
import { createPepper, type KeyStore, parseKeyStore } from './api-key.ts'

export interface EditKeysOptions {
  /** Clock, for tests. */
  runtime?: Runtime | undefined
}

/** How long an edit waits for those of other processes, in milliseconds; each takes a few. */
const patienceMs = 30_000
const retryMs = 20

/**
 * Changes a file of keys. A missing file is made, with a new pepper. Edits by several processes come one after the
 * other, and a server or a crash sees the file before the change or after it, never in between. Only the owner may read
 * the file.
 *
 * @param edit returns the new content; called once
 * @throws InvalidRequestError when the file cannot be read or written, or is none of keys; what `edit` throws
 */
export async function editKeys(
  path: string,
  edit: (store: KeyStore) => KeyStore | Promise<KeyStore>,
  { runtime = systemRuntime }: EditKeysOptions = {},
): Promise<void> {
  // A link stays a link: container platforms place files by them.
  const file = await realpath(path).catch(() => path)
  const lock = await locked(`${file}.lock`, runtime)
  try {
    const store = parseKeyStore(await edit(await readKeyStore(file)))
    await replace(file, `${JSON.stringify(store, null, 2)}\n`, runtime)
  } finally {
    lock.close()
  }
}

/**
 * Reads a file of keys; a missing file has none, and a new pepper.
 *
 * @throws InvalidRequestError when it cannot be read, or is none of keys
 */
export async function readKeyStore(path: string): Promise<KeyStore> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { version: 1, pepper: createPepper(), keys: [] }
    throw new InvalidRequestError(`the key file ${path} cannot be read: ${messageOf(cause)}`, { cause })
  }
  try {
    return parseKeyStore(JSON.parse(text))
  } catch (cause) {
    if (cause instanceof InvalidRequestError) throw cause
    throw new InvalidRequestError(`the key file ${path} is not JSON`, { cause })
  }
}

/** Takes a lock of the operating system, which ends with this process, however that ends. */
async function locked(path: string, { clock }: Runtime): Promise<PlainDatabase> {
  const untilMs = clock.monotonic() + patienceMs
  for (;;) {
    let database: PlainDatabase | undefined
    try {
      database = openPlainDatabase(path, false)
      database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
      return database
    } catch (cause) {
      database?.close()
      if (!/locked|busy/i.test(messageOf(cause)))
        throw new InvalidRequestError(`${path} cannot be written: ${messageOf(cause)}`, { cause })
      if (clock.monotonic() >= untilMs)
        throw new InvalidRequestError(`another process has held ${path} for ${patienceMs} ms`, { cause })
    }
    await sleep(clock, retryMs)
  }
}

/** Writes a second file and puts it in the place of the first, both durably. */
async function replace(file: string, text: string, { random }: Runtime): Promise<void> {
  const next = `${file}.${random.uuid()}.tmp`
  try {
    const handle = await open(next, 'wx', 0o600)
    try {
      await keepOwner(handle, file)
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(next, file)
    await syncFolder(dirname(file))
  } catch (cause) {
    await rm(next, { force: true })
    throw new InvalidRequestError(`the key file ${file} cannot be written: ${messageOf(cause)}`, { cause })
  }
}

/** A server that runs as another user must be able to read what the administrator has changed. */
async function keepOwner(handle: FileHandle, file: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const before = await stat(file).catch(() => undefined)
  if (before) await handle.chown(before.uid, before.gid)
}

/** Windows cannot open folders, and needs none of this. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
