import { Readable } from 'node:stream'
import { readRecords } from '../../../packages/kafkado/src/cli/records/record-source.ts'
import { joined } from '../mutator.ts'
import { expect, type Target } from '../target.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

function records(name: string, format: 'json' | 'csv', seeds: readonly string[], words: readonly string[]): Target {
  return {
    name,
    sources: ['cli/records/record-source', 'cli/records/csv-reader', 'cli/records/input-lines'],
    seeds: seeds.map(text),
    words,
    async run(input) {
      const lines: unknown[] = []
      let last = 0
      // In two pieces, as a pipe may give them.
      const middle = input.length >> 1
      const pieces = [input.subarray(0, middle), input.subarray(middle)].map((piece) => Buffer.from(joined(piece)))
      for await (const source of readRecords(Readable.from(pieces, { objectMode: false }), format)) {
        expect(Number.isInteger(source.line) && source.line >= 1, `a record is said to be in line ${source.line}`)
        if (format === 'json') expect(source.line > last, `line ${source.line} comes after ${last}`)
        last = source.line
        if ('problem' in source) expect(source.problem.length > 10, `the problem says nothing: ${source.problem}`)
        else {
          expect(
            source.json === JSON.stringify(source.value) || format === 'json' || hasNumberNames(source.value),
            `the JSON of a row is ${source.json}`,
          )
          JSON.parse(source.json)
          if (format === 'csv') requireRow(source.value)
        }
        lines.push(source)
      }
      return lines
    },
  }
}

/** They come first in an object, and stay where they are in the JSON. */
function hasNumberNames(value: unknown): boolean {
  return Object.keys(value as object).some((name) => /^\d+$/.test(name))
}

function requireRow(value: unknown): void {
  expect(typeof value === 'object' && value !== null && !Array.isArray(value), `a row is ${JSON.stringify(value)}`)
  expect(
    Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null,
    'a row has a prototype',
  )
  for (const field of Object.values(value as object)) expect(typeof field === 'string', `a field is ${typeof field}`)
}

export const jsonLines = records(
  'json-lines',
  'json',
  ['{"a":1}\n{"a":2}\n', '1\r\n\r\n"x"\r', '[\n', '﻿{"a":1}\n'],
  ['\n', '\r', '\r\n', '{"a":1}', '\u2028'],
)

export const csvRows = records(
  'csv-rows',
  'csv',
  ['id,name\n1,Ann\n2,"B, ""b"""\n', 'a\r\nb\r\n', 'a,b\n1\n1,2,3\n', '﻿a,b\n"x\ny",z\n', '__proto__,a\n1,2\n'],
  ['\n', '"', '""', ',', '\r\n', '__proto__'],
)
