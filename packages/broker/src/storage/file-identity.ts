import { type BigIntStats, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { WatchedFile } from './folder-watch.ts'

/** The file to which a path led. While it is open, no other file gets its inode, so any other one is told apart. */
export class FileIdentity implements WatchedFile {
  readonly path: string
  readonly isUsed: () => boolean
  readonly #stats: BigIntStats

  /** @throws Error when there is no such file */
  constructor(path: string, isUsed: () => boolean = () => true) {
    this.path = path
    this.isUsed = isUsed
    this.#stats = statSync(path, { bigint: true })
  }

  async isInPlace(): Promise<boolean> {
    const { ino, dev } = await stat(this.path, { bigint: true })
    return ino === this.#stats.ino && dev === this.#stats.dev
  }
}
