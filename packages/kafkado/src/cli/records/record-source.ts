import type { Readable } from 'node:stream'
import { InvalidRequestError } from '@kafkado/core'
import { unreadableFile } from '@kafkado/core/internal/node'
import { CsvReader } from './csv-reader.ts'
import { type InputLine, LineSplitter, notUtf8 } from './input-lines.ts'

/** `unsaid` is read as JSON lines; if the first line is not JSON, nothing is read. */
export type RecordFormat = 'json' | 'csv' | 'unsaid'

/** One record of an input, or a fault of its line. */
export type SourceLine =
  | {
      readonly line: number
      readonly value: unknown
      /** The value as JSON. For JSON lines it is the line itself, because `value` rounds numbers beyond 2^53. */
      readonly json: string
    }
  | { readonly line: number; readonly problem: string }

export interface ReadOptions {
  /** Ends reading, even while no input arrives. */
  readonly signal?: AbortSignal
  /** Columns that CSV must have. Without them, no row is read. */
  readonly columns?: readonly string[]
}

/** The format from the option, or from the file name's ending. */
export function formatOf(format: string | undefined, file: string | undefined): RecordFormat {
  if (format === 'json' || format === 'csv') return format
  if (format !== undefined) throw new InvalidRequestError(`--format must be json or csv, got '${format}'`)
  const ending = /\.(csv|json|jsonl|ndjson)$/i.exec(file ?? '')?.[1]
  if (ending === undefined) return 'unsaid'
  return ending.toLowerCase() === 'csv' ? 'csv' : 'json'
}

/**
 * Reads the records of an input: one per line of JSON, or one per row of CSV under a heading row, as an object of
 * strings. A line that cannot be read is reported in its place, and reading continues; an unusable heading ends it.
 *
 * @throws InvalidRequestError when the input itself cannot be read
 */
export async function* readRecords(
  input: Readable,
  format: RecordFormat,
  options: ReadOptions = {},
): AsyncGenerator<SourceLine> {
  const { signal, columns = [] } = options
  const parser = format === 'csv' ? new CsvLines(columns) : new JsonLines(format)
  const splitter = new LineSplitter()
  const end = (): void => void input.destroy()
  if (signal?.aborted) end()
  else signal?.addEventListener('abort', end, { once: true })
  try {
    for await (const chunk of input as AsyncIterable<Uint8Array>) {
      for (const line of splitter.add(chunk)) {
        const source = parser.add(line)
        if (source) yield source
        if (parser.isOver) return
      }
    }
    for (const line of splitter.end()) {
      const source = parser.add(line)
      if (source) yield source
    }
    const last = parser.end()
    if (last) yield last
  } catch (error) {
    if (signal?.aborted) return
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : unreadableFile(nameOf(input), error)
  } finally {
    signal?.removeEventListener('abort', end)
  }
}

function nameOf(input: Readable): string {
  return 'path' in input ? String(input.path) : 'the input'
}

interface LineParser {
  /** Whether reading has to stop. */
  readonly isOver: boolean
  add(line: InputLine): SourceLine | undefined
  end(): SourceLine | undefined
}

class JsonLines implements LineParser {
  isOver = false
  #isSure: boolean

  constructor(format: RecordFormat) {
    this.#isSure = format === 'json'
  }

  add({ line, text, isUtf8 }: InputLine): SourceLine | undefined {
    const json = text.replace(/^[ \t]+|[ \t]+$/g, '')
    if (json === '') return undefined
    const isSure = this.#isSure || /^[{[]/.test(json)
    this.#isSure = true
    if (!isUtf8) return { line, problem: notUtf8 }
    try {
      return { line, value: JSON.parse(json) as unknown, json }
    } catch (error) {
      const problem = `not JSON: ${(error as Error).message}`
      if (isSure) return { line, problem }
      this.isOver = true
      return { line, problem: `${problem}; nothing was read. If it is CSV, add --format csv` }
    }
  }

  end(): undefined {
    return undefined
  }
}

class CsvLines implements LineParser {
  isOver = false
  readonly #reader = new CsvReader()
  readonly #needed: readonly string[]
  #columns: string[] | undefined
  /** The names of the columns as JSON. */
  #names: string[] = []

  constructor(needed: readonly string[]) {
    this.#needed = needed
  }

  add(input: InputLine): SourceLine | undefined {
    const row = this.#reader.add(input)
    return row && this.#recordOf(row)
  }

  end(): SourceLine | undefined {
    const row = this.#reader.end()
    return row && this.#recordOf(row)
  }

  #recordOf(row: { line: number; values: string[] } | { line: number; problem: string }): SourceLine | undefined {
    const columns = this.#columns
    if (columns === undefined) return this.#begin(row)
    if ('problem' in row) return row
    const { line, values } = row
    if (values.length !== columns.length)
      return { line, problem: `the row has ${values.length} values, and the heading ${columns.length} columns` }
    const value = Object.fromEntries(columns.map((name, index) => [name, values[index]]))
    // Built from the names, because an object would put names such as 2024 first.
    const json = `{${this.#names.map((name, index) => `${name}:${JSON.stringify(values[index])}`).join(',')}}`
    return { line, value, json }
  }

  #begin(row: { line: number; values: string[] } | { line: number; problem: string }): SourceLine | undefined {
    const problem = 'problem' in row ? row.problem : problemOfColumns(row.values, this.#needed)
    if (problem === undefined && 'values' in row) {
      this.#columns = row.values
      this.#names = row.values.map((name) => JSON.stringify(name))
      return undefined
    }
    this.isOver = true
    return { line: row.line, problem: `${problem}; without its heading nothing of the input was read` }
  }
}

function problemOfColumns(columns: readonly string[], needed: readonly string[]): string | undefined {
  const twice = columns.find((name, index) => columns.indexOf(name) !== index)
  if (twice !== undefined) return `two columns are called '${twice}'`
  const missing = needed.find((name) => !columns.includes(name))
  return missing === undefined ? undefined : `there is no column '${missing}', only ${columns.join(', ')}`
}
