import type { Random } from '@kafkado/core'
import type { JournalFile, JournalFolder } from '../../src/state/journal/journal-folder.ts'

/** The effects on a disk, in order. A file is identified by its number, because names come and go. */
export type Effect =
  | { readonly kind: 'create'; readonly file: number; readonly name: string }
  | { readonly kind: 'write'; readonly file: number; readonly position: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly file: number; readonly length: number }
  | { readonly kind: 'sync'; readonly file: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'syncNames' }

/**
 * A folder on a disk in memory. It records its effects, fails on request, and can be rebuilt as a kill or a power cut
 * would leave it.
 */
export class MemoryDisk {
  readonly contents = new Map<number, Buffer>()
  readonly names = new Map<string, number>()
  readonly effects: Effect[] = []
  openFiles = 0
  /** The number of reads. */
  reads = 0
  /** Called before each effect; its error becomes the disk's error. A failing write may leave some bytes. */
  onEffect: (effect: Effect) => { readonly error: Error; readonly written: number } | undefined = () => undefined
  #next = 1

  folder(path = '/state'): JournalFolder {
    return {
      path,
      make: () => Promise.resolve(),
      names: () => Promise.resolve([...this.names.keys()]),
      open: async (name) => {
        await Promise.resolve()
        return this.#opened(this.#fileOf(name))
      },
      create: async (name) => {
        await Promise.resolve()
        if (this.names.has(name)) return undefined
        const file = this.#next
        this.#carryOut({ kind: 'create', file, name })
        return this.#opened(file)
      },
      rename: async (from, to) => {
        await Promise.resolve()
        this.#fileOf(from)
        this.#carryOut({ kind: 'rename', from, to })
      },
      remove: async (name) => {
        await Promise.resolve()
        if (this.names.has(name)) this.#carryOut({ kind: 'remove', name })
      },
      sync: async () => {
        await Promise.resolve()
        this.#carryOut({ kind: 'syncNames' })
      },
    }
  }

  bytesOf(name: string): Buffer {
    return this.contents.get(this.#fileOf(name)) as Buffer
  }

  setBytes(name: string, bytes: Buffer): void {
    this.contents.set(this.#fileOf(name), bytes)
  }

  get usedBytes(): number {
    return [...this.names.values()].reduce((sum, file) => sum + (this.contents.get(file)?.length ?? 0), 0)
  }

  copy(): MemoryDisk {
    const copy = new MemoryDisk()
    for (const [name, file] of this.names) copy.names.set(name, file)
    for (const [file, bytes] of this.contents) copy.contents.set(file, Buffer.from(bytes))
    copy.#next = this.#next
    return copy
  }

  /** The disk after that many effects and the first bytes of the next write, as a kill leaves it. */
  static afterKill(effects: readonly Effect[], count: number, bytes = 0): MemoryDisk {
    const disk = new MemoryDisk()
    for (const effect of effects.slice(0, count)) disk.#apply(effect)
    const next = effects[count]
    if (bytes > 0 && next?.kind === 'write') disk.#apply({ ...next, bytes: next.bytes.subarray(0, bytes) })
    return disk
  }

  /**
   * The disk after that many effects and a power cut. Each piece written to a file since its last sync is there,
   * missing, zeros, or there in part; so are the changes of names since the last sync.
   */
  static afterPowerCut(effects: readonly Effect[], count: number, random: Pick<Random, 'next'>): MemoryDisk {
    const past = effects.slice(0, count)
    const disk = new MemoryDisk()
    const syncedNames = past.findLastIndex(({ kind }) => kind === 'syncNames')
    const nameChanges = past.filter((effect, at) => at > syncedNames && changesNames(effect))
    const kept = new Set(nameChanges.slice(0, Math.floor(random.next() * (nameChanges.length + 1))))
    const syncs = new Map<number, number>()
    for (const [at, effect] of past.entries()) if (effect.kind === 'sync') syncs.set(effect.file, at)
    for (const [at, effect] of past.entries()) {
      if (changesNames(effect)) {
        if (at < syncedNames || kept.has(effect)) disk.#apply(effect)
        else if (effect.kind === 'create') disk.contents.set(effect.file, Buffer.alloc(0))
      } else if (effect.kind === 'write' || effect.kind === 'truncate') {
        if (at < (syncs.get(effect.file) ?? -1)) disk.#apply(effect)
        else disk.#applySomehow(effect, random)
      }
    }
    disk.#next = 1 + Math.max(0, ...effects.map((effect) => ('file' in effect ? effect.file : 0)))
    return disk
  }

  #applySomehow(effect: Effect & { kind: 'write' | 'truncate' }, random: Pick<Random, 'next'>): void {
    const chance = random.next()
    if (chance < 0.3) return
    if (effect.kind === 'truncate' || chance < 0.6) this.#apply(effect)
    else if (chance < 0.8) this.#apply({ ...effect, bytes: Buffer.alloc(effect.bytes.length) })
    else this.#apply({ ...effect, bytes: effect.bytes.subarray(0, Math.floor(random.next() * effect.bytes.length)) })
  }

  #fileOf(name: string): number {
    const file = this.names.get(name)
    if (file === undefined) throw Object.assign(new Error(`ENOENT: ${name}`), { code: 'ENOENT' })
    return file
  }

  #carryOut(effect: Effect): void {
    const failure = this.onEffect(effect)
    if (!failure) {
      this.#record(effect)
      return
    }
    if (effect.kind === 'write' && failure.written > 0)
      this.#record({ ...effect, bytes: effect.bytes.subarray(0, failure.written) })
    throw failure.error
  }

  #record(effect: Effect): void {
    this.effects.push(effect)
    this.#apply(effect)
  }

  #apply(effect: Effect): void {
    switch (effect.kind) {
      case 'create':
        this.names.set(effect.name, effect.file)
        this.contents.set(effect.file, Buffer.alloc(0))
        this.#next = Math.max(this.#next, effect.file + 1)
        break
      case 'write': {
        const before = this.contents.get(effect.file) ?? Buffer.alloc(0)
        const bytes = Buffer.alloc(Math.max(before.length, effect.position + effect.bytes.length))
        before.copy(bytes)
        effect.bytes.copy(bytes, effect.position)
        this.contents.set(effect.file, bytes)
        break
      }
      case 'truncate':
        this.contents.set(
          effect.file,
          Buffer.from((this.contents.get(effect.file) as Buffer).subarray(0, effect.length)),
        )
        break
      case 'rename': {
        const file = this.names.get(effect.from)
        this.names.delete(effect.from)
        if (file !== undefined) this.names.set(effect.to, file)
        break
      }
      case 'remove':
        this.names.delete(effect.name)
        break
      case 'sync':
      case 'syncNames':
    }
  }

  #opened(file: number): JournalFile {
    this.openFiles++
    let isOpen = true
    const bytes = (): Buffer => {
      if (!isOpen) throw new Error('EBADF: the file is closed')
      return this.contents.get(file) as Buffer
    }
    const read = (target: Uint8Array, position: number): number => {
      this.reads++
      const found = bytes().subarray(position, position + target.length)
      target.set(found)
      return found.length
    }
    const change = async (effect: Effect): Promise<void> => {
      await Promise.resolve()
      bytes()
      this.#carryOut(effect)
    }
    return {
      length: () => Promise.resolve(bytes().length),
      write: (written, position) => change({ kind: 'write', file, position, bytes: Buffer.from(written) }),
      read: async (target, position) => {
        await Promise.resolve()
        return read(target, position)
      },
      readSync: read,
      truncate: (length) => change({ kind: 'truncate', file, length }),
      sync: () => change({ kind: 'sync', file }),
      close: () => {
        if (isOpen) this.openFiles--
        isOpen = false
        return Promise.resolve()
      },
    }
  }
}

function changesNames({ kind }: Effect): boolean {
  return kind === 'create' || kind === 'rename' || kind === 'remove'
}
