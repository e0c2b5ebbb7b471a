import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { StorageSubject } from './subject.ts'

interface Waiting {
  readonly batch: Uint8Array
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const readBytes = 1024 * 1024

/**
 * The limit: one file, everything that waits at the end of a turn of the event loop is written together and shares one
 * sync; begun at once, each second write would be of one batch, which flatters whoever is measured against it. No
 * index, no offsets, no checks.
 */
export class RawLog implements StorageSubject {
  readonly #file: FileHandle
  #waiting: Waiting[] = []
  #isWriting = false
  syncs = 0

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async open(folder: string): Promise<RawLog> {
    return new RawLog(await open(join(folder, 'raw.log'), 'a+'))
  }

  append(batch: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject })
      if (!this.#isWriting) void this.#write()
    })
  }

  /** Each time into new memory, as a reader gets what it may keep. */
  async readAll(): Promise<number> {
    for (let position = 0; ;) {
      const buffer = Buffer.allocUnsafeSlow(readBytes)
      const { bytesRead } = await this.#file.read(buffer, 0, readBytes, position)
      if (bytesRead === 0) return position
      position += bytesRead
    }
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  async #write(): Promise<void> {
    this.#isWriting = true
    while (this.#waiting.length > 0) {
      await turn()
      const together = this.#waiting
      this.#waiting = []
      try {
        await this.#file.writev(together.map(({ batch }) => batch))
        await this.#file.datasync()
        this.syncs++
        for (const { resolve } of together) resolve()
      } catch (error) {
        for (const { reject } of together) reject(error)
      }
    }
    this.#isWriting = false
  }
}
