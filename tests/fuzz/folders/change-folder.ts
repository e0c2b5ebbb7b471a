import { Mutator } from '../mutator.ts'
import type { RandomBytes } from '../target.ts'
import { decodeFolder, encodeFolder } from './folder-input.ts'

/** Changes what a file of that name has, by what is known of its form. */
export type ChangeFile = (name: string, bytes: Buffer, random: RandomBytes) => Buffer

export const oddDoubles: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.5,
  64,
  100.25,
  2 ** 16,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 40,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  1e308,
  Number.POSITIVE_INFINITY,
  Number.NaN,
]

/** What a disk, or somebody, does to a folder: to the bytes of one file, or to its files. */
export function changerOfFolders(changeFile: ChangeFile): (input: Uint8Array, random: RandomBytes) => Uint8Array {
  return (input, random) => {
    const { isSealed, files } = decodeFolder(input)
    const sealed = random.below(8) === 0 ? !isSealed : isSealed
    for (let left = 1 + random.below(2); left > 0 && files.size > 0; left--) changeOnce(files, changeFile, random)
    return encodeFolder({ isSealed: sealed, files })
  }
}

function changeOnce(files: Map<string, Buffer>, changeFile: ChangeFile, random: RandomBytes): void {
  const names = [...files.keys()]
  const name = random.pick(names)
  const bytes = files.get(name) as Buffer
  const at = random.below(bytes.length + 1)
  const put = (changed: Uint8Array): void => void files.set(name, Buffer.from(changed))
  switch (random.below(16)) {
    case 0:
      files.delete(name)
      break
    case 1:
      put(bytes.subarray(0, at))
      break
    case 2: {
      const other = random.pick(names)
      put(files.get(other) as Buffer)
      files.set(other, bytes)
      break
    }
    case 3:
      files.set(otherName(name, random), Buffer.from(bytes))
      if (random.below(2) === 0) files.delete(name)
      break
    case 4:
      put(bytes.fill(0, at, random.below(2) === 0 ? bytes.length : Math.min(at + random.below(64), bytes.length)))
      break
    case 5:
      put(Buffer.concat([bytes, random.below(2) === 0 ? Buffer.alloc(1 + random.below(64)) : bytes.subarray(at)]))
      break
    case 6:
      put(withDouble(bytes, at & ~7, random.pick(oddDoubles)))
      break
    case 7:
    case 8:
    case 9:
      put(new Mutator(random).change(bytes, random.pick([...files.values()])))
      break
    default:
      put(changeFile(name, bytes, random))
  }
}

function otherName(name: string, random: RandomBytes): string {
  const number = Number.parseInt(name)
  if (Number.isNaN(number) || random.below(4) === 0) return `${name}${random.pick(['.new', '.gone', 'x', '0'])}`
  const others = [number + 1, number + 2, number - 1, 4_294_967_295, 9_999_999_999]
  return `${Math.max(random.pick(others), 0)}${name.slice(`${number}`.length)}`
}

export function withDouble(bytes: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(bytes)
  if (at + 8 <= changed.length) changed.writeDoubleLE(value, at)
  return changed
}
