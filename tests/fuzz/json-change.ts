import type { RandomBytes } from './target.ts'

const oddValues: readonly unknown[] = [
  null,
  true,
  false,
  '',
  'x',
  '1',
  '\u0000',
  '\ud800',
  '__proto__',
  'a'.repeat(300),
  '00000000-0000-4000-8000-000000000001',
  0,
  -0,
  -1,
  1,
  0.5,
  32_768,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  1e308,
  [],
  [null],
  [[]],
  {},
  { a: 1 },
  { topics: [] },
  { topics: [{ topic: 't', partitions: [{ partition: 0 }] }] },
]
const oddNames = [
  '__proto__',
  'constructor',
  'prototype',
  '',
  'toString',
  'length',
  'records',
  'byteLength',
  'topics',
  '0',
]

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** JSON with something else in one place, or as it is where the bytes are none. */
export function changeJson(bytes: Uint8Array, random: RandomBytes): Uint8Array {
  let value: unknown
  try {
    value = JSON.parse(decoder.decode(bytes))
  } catch {
    return encoder.encode(JSON.stringify(random.pick(oddValues)))
  }
  const changed = random.below(24) === 0 ? nested(value, random) : changeValue(value, random)
  return encoder.encode(JSON.stringify(changed) ?? 'null')
}

function changeValue(value: unknown, random: RandomBytes): unknown {
  const isLeaf = typeof value !== 'object' || value === null
  if (isLeaf || random.below(6) === 0)
    return isLeaf && random.below(3) === 0 ? near(value, random) : random.pick(oddValues)
  return Array.isArray(value) ? changeList(value, random) : changeFields(value, random)
}

function changeList(list: readonly unknown[], random: RandomBytes): unknown {
  const copy: unknown[] = [...list]
  const at = random.below(copy.length + 1)
  const choice = random.below(6)
  if (copy.length === 0 || choice === 0) copy.splice(at, 0, random.pick(oddValues))
  else if (choice === 1) copy.splice(at, 1)
  else if (choice === 2) copy.splice(at, 0, copy[random.below(copy.length)])
  else {
    const index = random.below(copy.length)
    copy[index] = changeValue(copy[index], random)
  }
  return copy
}

function changeFields(fields: object, random: RandomBytes): unknown {
  const entries = Object.entries(fields)
  const choice = random.below(8)
  const index = random.below(entries.length)
  // In the text, so that a name such as __proto__ is a field like any other.
  if (entries.length === 0 || choice === 0) entries.push([random.pick(oddNames), random.pick(oddValues)])
  else if (choice === 1) entries.splice(index, 1)
  else (entries[index] as [string, unknown])[1] = changeValue((entries[index] as [string, unknown])[1], random)
  return Object.fromEntries(entries)
}

function near(value: unknown, random: RandomBytes): unknown {
  if (typeof value === 'number') return value + random.pick([-1, 1, 2, 0.5, 256])
  if (typeof value === 'string')
    return random.below(2) === 0 ? value.slice(1) : value + random.pick(['x', ' ', '\n', 'é', '\u0000'])
  return !value
}

function nested(value: unknown, random: RandomBytes): unknown {
  let deep = value
  for (let depth = random.pick([5, 31, 32, 33, 500]); depth > 0; depth--)
    deep = random.below(2) === 0 ? [deep] : { a: deep }
  return deep
}
