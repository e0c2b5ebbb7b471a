import type { FileKind, JournalFile, JournalFolder } from '@kafkado/broker/disk'
import type { Random } from '@kafkado/core'
import type { TraceFrame } from '../disk-trace.ts'
import { FileContent } from '../file-content.ts'
import { SimulatedDisk } from '../simulated-disk.ts'

/** What a call to the disk does. */
export type DiskCall = 'append' | 'write' | 'sync' | 'truncate' | 'create' | 'rename' | 'remove' | 'sync names' | 'note'

export interface FolderHooks {
  /** What each call waits for; by default a turn of the event loop or several. */
  pause?(): Promise<void>
  /** Told after anything has changed on the disk, also between the two ends of a call. */
  onStep?(): void
  onRead?(kind: 'sync' | 'async', name: string, position: number): void
  /** What a call fails with, before it has done anything but, of an append, so many bytes. */
  fault?(call: DiskCall, name: string): { readonly error: Error; readonly writtenBytes?: number } | undefined
}

interface NamedFile {
  readonly number: number
  readonly content: FileContent
}

/** A folder in memory, on a disk whose power can be cut after each step. Its calls take a turn or several. */
export class SimulatedFolder implements JournalFolder {
  readonly path = 'a simulated folder'
  readonly disk: SimulatedDisk
  readonly #random: Random
  readonly #hooks: FolderHooks
  readonly #files = new Map<string, NamedFile>()
  #count = 0

  /** @param left what is on the disk, durably */
  constructor(random: Random, hooks: FolderHooks = {}, left: ReadonlyMap<string, Buffer> = new Map(), isLying = false) {
    this.#random = random
    this.#hooks = hooks
    this.disk = new SimulatedDisk(isLying)
    for (const [name, bytes] of left) {
      const file = { number: this.#count++, content: new FileContent() }
      this.#files.set(name, file)
      const put = { op: 'W', offset: 0, bytes: Buffer.from(bytes) } as const
      file.content.put(put)
      this.#play('C', file.number, 0, Buffer.from(name))
      this.#play('W', file.number, 0, put.bytes)
      this.disk.settle()
    }
  }

  /** What a process finds that starts after another one was killed: everything that was written. */
  contents(): Map<string, Buffer> {
    return new Map([...this.#files].map(([name, { content }]) => [name, Buffer.from(content.bytes)]))
  }

  get sizeInBytes(): number {
    return [...this.#files.values()].reduce((sum, { content }) => sum + content.bytes.length, 0)
  }

  async make(): Promise<void> {
    await this.#turn()
  }

  async names(): Promise<string[]> {
    await this.#turn()
    return [...this.#files.keys()]
  }

  open(name: string, kind: FileKind): JournalFile {
    const file = this.#files.get(name)
    if (!file) throw Object.assign(new Error(`ENOENT: ${name}`), { code: 'ENOENT' })
    return this.#handle(name, file, kind)
  }

  create(name: string, kind: FileKind): JournalFile {
    this.#fail('create', name)
    const file = { number: this.#count++, content: new FileContent() }
    this.#files.set(name, file)
    this.#step('C', file.number, 0, Buffer.from(name))
    return this.#handle(name, file, kind)
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#turn()
    this.#fail('rename', from)
    const file = this.#files.get(from) as NamedFile
    this.#files.delete(from)
    this.#files.set(to, file)
    this.#step('R', file.number, 0, Buffer.from(to))
  }

  async remove(name: string): Promise<void> {
    await this.#turn()
    this.#fail('remove', name)
    const file = this.#files.get(name)
    if (!file) throw new Error(`ENOENT: ${name}`)
    this.#files.delete(name)
    this.#step('U', file.number, 0, Buffer.from(name))
  }

  async sync(): Promise<void> {
    await this.#turn()
    this.#fail('sync names', '')
    this.#step('F', 0)
  }

  async freeBytes(): Promise<number> {
    return Number.POSITIVE_INFINITY
  }

  async holds(): Promise<boolean> {
    return true
  }

  #handle(name: string, { number, content }: NamedFile, kind: FileKind): JournalFile {
    let isClosed = false
    const checkOpen = (): void => {
      if (isClosed) throw new Error(`${name} is closed`)
    }
    const write = async (call: DiskCall, parts: readonly Uint8Array[], position: number, isSynchronous: boolean) => {
      checkOpen()
      const bytes = Buffer.concat(parts)
      await this.#turn()
      const fault = this.#hooks.fault?.(call, name)
      const written = fault ? bytes.subarray(0, fault.writtenBytes ?? 0) : bytes
      content.put({ op: 'W', offset: position, bytes: written })
      this.#step('W', number, position, written, isSynchronous)
      if (fault) throw fault.error
      await this.#turn()
      if (isSynchronous) this.#step('Y', number, position)
    }
    return {
      length: () => content.bytes.length,
      append: async (parts, position, spare) => {
        if (kind !== 'appended') throw new Error(`${name} is not open for durable writes`)
        await write('append', spare ? [...parts, spare] : parts, position, true)
      },
      write: (parts, position) => write('write', parts, position, kind === 'appended'),
      writeSync: (bytes, position) => {
        this.#fail('note', name)
        content.put({ op: 'W', offset: position, bytes: Buffer.from(bytes) })
        this.#step('W', number, position, Buffer.from(bytes))
      },
      readSync: (parts, position) => {
        checkOpen()
        this.#hooks.onRead?.('sync', name, position)
        return fill(parts, content.bytes.subarray(position))
      },
      read: async (parts, position) => {
        checkOpen()
        const found = Buffer.from(content.bytes.subarray(position))
        await this.#turn()
        this.#hooks.onRead?.('async', name, position)
        return fill(parts, found)
      },
      truncate: async (length) => {
        await this.#turn()
        this.#fail('truncate', name)
        content.put({ op: 'T', offset: length, bytes: Buffer.alloc(0) })
        this.#step('T', number, length)
      },
      sync: async () => {
        this.#step('B', number)
        await this.#turn()
        this.#fail('sync', name)
        this.#step('D', number)
      },
      close: () => (isClosed = true),
    }
  }

  #fail(call: DiskCall, name: string): void {
    const fault = this.#hooks.fault?.(call, name)
    if (fault) throw fault.error
  }

  async #turn(): Promise<void> {
    if (this.#hooks.pause) {
      await this.#hooks.pause()
      return
    }
    const turns = Math.floor(this.#random.next() * 3)
    for (let turn = 0; turn < turns; turn++) await new Promise((next) => setImmediate(next))
  }

  #step(op: TraceFrame['op'], file: number, offset = 0, bytes: Buffer = Buffer.alloc(0), isSynchronous = false): void {
    this.#play(op, file, offset, bytes, isSynchronous)
    this.#hooks.onStep?.()
  }

  #play(op: TraceFrame['op'], file: number, offset = 0, bytes: Buffer = Buffer.alloc(0), isSynchronous = false): void {
    this.disk.play({ op, file, offset, bytes, isSynchronous })
  }
}

function fill(parts: readonly Uint8Array[], found: Buffer): number {
  let position = 0
  for (const part of parts) {
    position += found.copy(part, 0, position, position + part.length)
    if (position >= found.length) break
  }
  return position
}
