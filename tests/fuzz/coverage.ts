/**
 * Blocks of the sources that were reached, and the bytes that were allocated; what `instrumentation.ts` puts into the
 * sources tells it.
 */

const mostBlocks = 1 << 16

class Blocks {
  readonly #paths: string[] = []
  /** By block; what has been reached since the last {@link forget}. */
  readonly reached = new Uint8Array(mostBlocks)
  /** How many blocks have been reached for the first time. */
  count = 0
  /** What typed arrays, array buffers and `Buffer.alloc…` were asked for. */
  allocatedBytes = 0

  add(path: string): number {
    this.#paths.push(path)
    return this.#paths.length - 1
  }

  forget(): void {
    this.reached.fill(0)
    this.count = 0
  }

  /**
   * How many blocks the files have whose paths contain one of the texts, and which of them were reached.
   *
   * @throws when a text names no file: it was moved, and its blocks would be missed without a word
   */
  of(parts: readonly string[]): { readonly reached: number; readonly total: number } {
    const gone = parts.filter((part) => !this.#paths.some((path) => path.includes(part)))
    if (gone.length > 0) throw new Error(`no source that was loaded is called ${gone.join(', ')}`)
    let [reached, total] = [0, 0]
    this.#paths.forEach((path, block) => {
      if (!parts.some((part) => path.includes(part))) return
      total++
      reached += this.reached[block] as number
    })
    return { reached, total }
  }
}

export const blocks = new Blocks()

const mostBytesAtOnce = 256 * 1024 * 1024

function count(bytes: number): void {
  if (!(bytes > 0)) return
  blocks.allocatedBytes += bytes
  // What nobody may ask for is refused before the machine has to give it.
  if (bytes > mostBytesAtOnce) throw new AllocationTooLarge(bytes)
}

/** What `new` makes of it counts, by the length that it is given. */
function counted<Class extends new (...given: never[]) => object>(original: Class, bytesEach: number): Class {
  return new Proxy(original, {
    construct(target, given: never[]) {
      if (typeof given[0] === 'number') count(given[0] * bytesEach)
      return new target(...given)
    },
  })
}

const countedBuffer = Object.fromEntries(
  (['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const).map((name) => [
    name,
    (bytes: number, fill?: number) => {
      count(bytes)
      return name === 'alloc' ? Buffer.alloc(bytes, fill) : Buffer[name](bytes)
    },
  ]),
)

export class AllocationTooLarge extends Error {
  constructor(bytes: number) {
    super(`${bytes} bytes were to be allocated at once`)
  }
}

Object.assign(globalThis, {
  __coverage: {
    reached: blocks.reached,
    reach(block: number) {
      blocks.reached[block] = 1
      blocks.count++
    },
    Uint8Array: counted(Uint8Array, 1),
    Uint16Array: counted(Uint16Array, 2),
    Uint32Array: counted(Uint32Array, 4),
    Float64Array: counted(Float64Array, 8),
    ArrayBuffer: counted(ArrayBuffer, 1),
    Buffer: countedBuffer,
  },
})
