import type { Target } from '../target.ts'

/** Shows that the fuzzer finds what lies behind eight conditions, of which chance alone would not meet all at once. */
export const brokenOnPurpose: Target = {
  name: 'broken-on-purpose',
  sources: ['broken-on-purpose'],
  seeds: [new Uint8Array(24)],
  run: (input) => deeper(input, 0),
}

function deeper(input: Uint8Array, depth: number): unknown {
  switch (depth) {
    case 0:
      return (input[0] ?? 0) & 0x10 ? deeper(input, 1) : 0
    case 1:
      return ((input[1] ?? 0) & 0x0c) === 0x04 ? deeper(input, 2) : 1
    case 2:
      return (input[2] ?? 0) & 0x40 ? deeper(input, 3) : 2
    case 3:
      return ((input[3] ?? 0) & 0x30) === 0x20 ? deeper(input, 4) : 3
    case 4:
      return (input[4] ?? 0) & 0x01 ? deeper(input, 5) : 4
    case 5:
      return ((input[5] ?? 0) & 0x81) === 0x80 ? deeper(input, 6) : 5
    case 6:
      return (input[6] ?? 0) & 0x04 ? deeper(input, 7) : 6
    default:
      return ((input[7] ?? 0) & 0x18) === 0x08 ? (undefined as unknown as Uint8Array).length : 7
  }
}
