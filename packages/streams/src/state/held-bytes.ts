import { type Held, WrittenValue } from './held-values.ts'

/** The approximate size of a held value: as many bytes as its JSON. */
export function heldBytes(holding: Held): number {
  switch (typeof holding) {
    case 'string':
      return holding.length + 2
    case 'object':
      return holding === null ? 4 : objectBytes(holding)
    default:
      return 8
  }
}

function objectBytes(holding: object): number {
  if (holding instanceof WrittenValue) return holding.content.length
  let bytes = 2
  if (Array.isArray(holding)) {
    for (const one of holding) bytes += heldBytes(one) + 1
    return bytes
  }
  for (const name in holding) bytes += name.length + 4 + heldBytes((holding as Record<string, unknown>)[name])
  return bytes
}
