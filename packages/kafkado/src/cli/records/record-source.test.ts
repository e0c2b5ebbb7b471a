import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { partsOf, type PartOptions } from './record-parts.ts'
import { readRecords, type RecordFormat, type SourceLine } from './record-source.ts'

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

async function read(input: string | Buffer, format: RecordFormat, pieces = 1, columns: string[] = []) {
  const bytes = Buffer.from(input)
  const size = Math.max(Math.ceil(bytes.length / pieces), 1)
  const chunks: Buffer[] = []
  for (let start = 0; start < bytes.length; start += size) chunks.push(bytes.subarray(start, start + size))
  const sources: SourceLine[] = []
  for await (const source of readRecords(Readable.from(chunks, { objectMode: false }), format, { columns }))
    sources.push(source)
  return sources
}

/** Each line with what is sent for it, or with its fault. */
const told = (sources: readonly SourceLine[]): string[] =>
  sources.map((source) => `${source.line} ${'problem' in source ? `refused: ${source.problem}` : source.json}`)

const problem = (line: number, words: RegExp): unknown =>
  expect.stringMatching(new RegExp(`^${line} refused: .*${words.source}`))

/** The pieces of a pipe change nothing. */
describe.each([1, 3, 1000])('records of an input in %i pieces', (pieces) => {
  it.each<[what: string, input: string | Buffer, expected: unknown[]]>([
    ['a number beyond 2^53', '{"id":9007199254740993}', ['1 {"id":9007199254740993}']],
    [
      'numbers that JSON.parse changes',
      '[1e400,-0,1.0,0.1000000000000000055511151231257827]',
      ['1 [1e400,-0,1.0,0.1000000000000000055511151231257827]'],
    ],
    ['fields of one name, and in the order of the line', '{"b":1,"1":2,"b":3}', ['1 {"b":1,"1":2,"b":3}']],
    ['half of a surrogate pair, escaped', '"\\ud800"', ['1 "\\ud800"']],
    ['a byte order mark', '\uFEFF{"n":1}\r\n{"n":2}\r\n', ['1 {"n":1}', '2 {"n":2}']],
    ['a byte order mark elsewhere', '{"n":1}\n\uFEFF{"n":2}', ['1 {"n":1}', problem(2, /not JSON/)]],
    ['ends of lines that are none', '"a\u2028b\u2029c\u0085d"\n2', ['1 "a\u2028b\u2029c\u0085d"', '2 2']],
    ['each way to end a line', '1\n2\r\n3\r4\n\r5\r\r\n6', ['1 1', '2 2', '3 3', '4 4', '6 5', '8 6']],
    ['space around a record', ' \t1 \t\n \n2', ['1 1', '3 2']],
    [
      'bytes that are not UTF-8',
      Buffer.concat([latin1('{"a":"ü"}\n'), Buffer.from('{"a":"ü"}')]),
      [problem(1, /not UTF-8; .*iconv/), '2 {"a":"ü"}'],
    ],
    ['a character that is cut', Buffer.from('"ü"\n"€"').subarray(0, -2), ['1 "ü"', problem(2, /not UTF-8/)]],
    ['a replacement character that was written', '"\uFFFD"', ['1 "\uFFFD"']],
    ['UTF-16', Buffer.from('\uFEFF{"a":1}', 'utf16le'), [problem(1, /not UTF-8/)]],
    ['nothing', '', []],
    ['a line that is not JSON', '1\nid,name\n2', ['1 1', problem(2, /not JSON/), '3 2']],
  ])('JSON lines: %s', async (_what, input, expected) => {
    expect(told(await read(input, 'json', pieces))).toEqual(expected)
  })

  it.each<[what: string, input: string | Buffer, expected: unknown[]]>([
    ['columns in their order', 'b,2,1\nx,y,z', ['2 {"b":"x","2":"y","1":"z"}']],
    ['a column called __proto__', '__proto__,a\n1,2', ['2 {"__proto__":"1","a":"2"}']],
    [
      'lines after a value of several',
      'id,t\r\n1,"a\r\nb\r\n\r\nc"\r\n2,b\r\n3,c,d\r\n',
      ['2 {"id":"1","t":"a\\r\\nb\\r\\n\\r\\nc"}', '6 {"id":"2","t":"b"}', problem(7, /3 values, and the heading 2/)],
    ],
    ['a heading of several lines', '"a\nb",c\n1,2', ['3 {"a\\nb":"1","c":"2"}']],
    ['quotes and commas', 'a,b\n"x, ""y""",\n"",""\n', ['2 {"a":"x, \\"y\\"","b":""}', '3 {"a":"","b":""}']],
    ['a byte order mark before a quote', '\uFEFF"a",b\n1,2', ['2 {"a":"1","b":"2"}']],
    ['a quote within a value', 'a,b\n5" disk,1\n2,3', [problem(2, /a quote stands within/), '3 {"a":"2","b":"3"}']],
    [
      'text after a quote, and a quoted value of two lines behind',
      'a,b\n"x"y,"1\n2"\n3,4',
      [problem(2, /after the quote/), '4 {"a":"3","b":"4"}'],
    ],
    ['a quote that stays open', 'a,b\n1,2\n"3,4\n5,6\n', ['2 {"a":"1","b":"2"}', problem(3, /never closed/)]],
    ['bytes that are not UTF-8', latin1('a,b\n1,ü\n2,x\n'), [problem(2, /not UTF-8/), '3 {"a":"2","b":"x"}']],
    [
      'such bytes within quotes',
      latin1('a,b\n1,"x\nü\n"\n2,x\n'),
      [problem(2, /line 3 is not UTF-8/), '5 {"a":"2","b":"x"}'],
    ],
    ['two columns of one name', 'id,name,id\n1,a,2\n', [problem(1, /two columns are called 'id'/)]],
    [
      'a heading that is not UTF-8',
      latin1('id,größe\n1,2\n'),
      [problem(1, /not UTF-8.*nothing of the input was read/)],
    ],
    ['JSON', '{"a":1,"b":2}\n{"a":1,"b":3}\n', [problem(1, /a quote stands within/)]],
    ['empty lines and columns without a value', 'a\n\n1\n""\n', ['3 {"a":"1"}', '4 {"a":""}']],
    ['a heading alone', 'a,b\n', []],
  ])('CSV: %s', async (_what, input, expected) => {
    expect(told(await read(input, 'csv', pieces))).toEqual(expected)
  })

  it('CSV without a column that is needed is refused as a whole, with those that it has', async () => {
    expect(told(await read('customerId,amount\na,1\n', 'csv', pieces, ['custmerId']))).toEqual([
      problem(1, /there is no column 'custmerId', only customerId, amount; /),
    ])
  })

  it.each<[input: string, expected: unknown[]]>([
    ['id\n1\n2\n', [problem(1, /not JSON.*nothing was read. If it is CSV, add --format csv/)]],
    ['"id","name"\n1,2\n', [problem(1, /add --format csv/)]],
    ['{"a":\n{"a":1}\n', [problem(1, /not JSON/), '2 {"a":1}']],
    ['1\n2,\n3\n', ['1 1', problem(2, /not JSON/), '3 3']],
  ])('of a format that nobody has said: %j', async (input, expected) => {
    expect(told(await read(input, 'unsaid', pieces))).toEqual(expected)
  })
})

describe('properties', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'ü', '\u2028', '😀'), maxLength: 6 })
  const written = (value: string): string => `"${value.replaceAll('"', '""')}"`

  it('whatever stands in CSV is read back, however it is cut', async () => {
    const rows = fc.array(fc.tuple(cell, cell), { maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        async (cells, pieces, end) => {
          const text = [['x', 'y'], ...cells].map((row) => row.map(written).join(',')).join(end)
          const sources = await read(text, 'csv', pieces)
          expect(sources.map((source) => 'json' in source && JSON.parse(source.json))).toEqual(
            cells.map(([x, y]) => ({ x, y })),
          )
          expect(sources.map((source) => 'value' in source && source.value)).toEqual(cells.map(([x, y]) => ({ x, y })))
        },
      ),
    )
  })

  it('JSON lines are sent as they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.json(), { maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        async (lines, pieces) => {
          expect(told(await read(lines.join('\n'), 'json', pieces))).toEqual(
            lines.map((line, index) => `${index + 1} ${line}`),
          )
        },
      ),
    )
  })
})

describe('key and value of a record', () => {
  const parts = (json: string, options: PartOptions) => {
    try {
      const { key, value } = partsOf({ value: JSON.parse(json) as unknown, json }, options)
      return [key, value]
    } catch (error) {
      return (error as Error).message
    }
  }

  it.each<[json: string, options: PartOptions, expected: unknown]>([
    ['{"id":9007199254740993}', { key: 'id' }, ['9007199254740993', '{"id":9007199254740993}']],
    ['{"id":-0}', { key: 'id' }, ['-0', '{"id":-0}']],
    [
      '{"id":[1e400,{"x":9007199254740993}]}',
      { key: 'id' },
      ['[1e400,{"x":9007199254740993}]', '{"id":[1e400,{"x":9007199254740993}]}'],
    ],
    ['{"id":true}', { key: 'id' }, ['true', '{"id":true}']],
    ['{"id":null}', { key: 'id' }, [null, '{"id":null}']],
    ['{"a":1,"b":2}', { key: 'id' }, "there is no field 'id', only a, b"],
    ['{}', { key: 'id' }, "there is no field 'id', nor any other"],
    ['{"a":1}', { key: 'toString' }, "there is no field 'toString', only a"],
    ['[1]', { key: '0' }, "there is no field '0', as it is no JSON object"],
    ['null', { key: 'id' }, "there is no field 'id', as it is no JSON object"],
    ['null', {}, [null, null]],
    ['{"k":"a","v":{"n":9007199254740993}}', { key: 'k', value: 'v' }, ['a', '{"n":9007199254740993}']],
    ['{"k":"a","v":"x"}', { key: 'k', value: 'v' }, ['a', '"x"']],
    ['{"k":"a","v":null}', { key: 'k', value: 'v' }, ['a', null]],
    ['{"k":"a","v":""}', { key: 'k', value: 'v' }, ['a', '""']],
    ['{"k":"a","v":"","w":1}', { key: 'k', value: 'v', tombstones: true }, ['a', null]],
    ['{"k":"a"}', { key: 'k', value: 'v' }, "there is no field 'v', only k"],
    ['{"k":"a","v":"","w":null}', { key: 'k', tombstones: true }, ['a', null]],
    ['{"k":"a","v":0}', { key: 'k', tombstones: true }, ['a', '{"k":"a","v":0}']],
    ['{"k":"a"}', { key: 'k' }, ['a', '{"k":"a"}']],
    ['{"k":null,"v":""}', { key: 'k', tombstones: true }, 'a tombstone needs a key, to say what is deleted'],
  ])('%s with %j', (json, options, expected) => {
    expect(parts(json, options)).toEqual(expected)
  })
})
