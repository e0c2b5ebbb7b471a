import { joined } from '../mutator.ts'

/**
 * A folder as one input: a byte for sealed or not, and for each file the length of its name, name, u16 length, bytes.
 * The last file may be cut off.
 */
export interface FolderInput {
  /** Whether the checksums are made right again, so that what lies behind them is reached. */
  readonly isSealed: boolean
  readonly files: Map<string, Buffer>
}

const mostNameBytes = 24

export function encodeFolder({
  isSealed,
  files,
}: {
  isSealed: boolean
  files: ReadonlyMap<string, Buffer>
}): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(isSealed ? 1 : 0)]
  for (const [name, bytes] of files) {
    const head = Buffer.alloc(1 + name.length + 2)
    head[0] = name.length
    head.write(name, 1, 'latin1')
    head.writeUInt16LE(bytes.length, 1 + name.length)
    parts.push(head, bytes)
  }
  return joined(...parts)
}

export function decodeFolder(input: Uint8Array): FolderInput {
  const bytes = Buffer.from(input)
  const files = new Map<string, Buffer>()
  for (let at = 1; at < bytes.length;) {
    const nameEnd = at + 1 + ((bytes[at] as number) % (mostNameBytes + 1))
    if (nameEnd + 2 > bytes.length) break
    const name = bytes.toString('latin1', at + 1, nameEnd)
    const end = nameEnd + 2 + bytes.readUInt16LE(nameEnd)
    // A folder has no such names.
    if (name !== '' && !/[/\0]/.test(name)) files.set(name, Buffer.from(bytes.subarray(nameEnd + 2, end)))
    at = end
  }
  return { isSealed: ((bytes[0] ?? 0) & 1) === 1, files }
}
