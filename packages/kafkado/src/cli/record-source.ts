import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { InvalidRequestError } from '@kafkado/core'
import { parse } from 'csv-parse'

export type RecordFormat = 'json' | 'csv'

/** One record of a file, or what is wrong with its line. */
export type SourceLine =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly problem: string }

/** By what it was told, or by the ending of the file's name; JSON lines otherwise. */
export function formatOf(format: string | undefined, file: string | undefined): RecordFormat {
  if (format === undefined) return file?.toLowerCase().endsWith('.csv') ? 'csv' : 'json'
  if (format === 'json' || format === 'csv') return format
  throw new InvalidRequestError(`--format must be json or csv, got '${format}'`)
}

/** The input: a file, or what is piped in. */
export function openInput(file: string | undefined): Readable {
  return file === undefined || file === '-' ? process.stdin : createReadStream(file)
}

/**
 * The records of an input, one a line of JSON, or one a row of CSV under a heading row, as an object of texts. A line that cannot be read
 * is reported in its place, and the next one read.
 *
 * @param signal ends it, also while nothing comes
 */
export function readRecords(input: Readable, format: RecordFormat, signal?: AbortSignal): AsyncGenerator<SourceLine> {
  return format === 'csv' ? readCsv(input, signal) : readJsonLines(input, signal)
}

async function* readJsonLines(input: Readable, signal: AbortSignal | undefined): AsyncGenerator<SourceLine> {
  let failure: Error | undefined
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY, ...(signal && { signal }) })
  // readline does not pass on the errors of what it reads.
  input.once('error', (error: Error) => {
    failure = error
    lines.close()
  })
  let line = 0
  for await (const text of lines) {
    line++
    if (text.trim() === '') continue
    try {
      yield { line, value: JSON.parse(text) as unknown }
    } catch (error) {
      yield { line, problem: `not JSON: ${(error as Error).message}` }
    }
  }
  if (failure) throw failure
}

interface CsvRow {
  readonly record: Record<string, string>
  readonly info: { readonly lines: number }
}

async function* readCsv(input: Readable, signal: AbortSignal | undefined): AsyncGenerator<SourceLine> {
  const problems: SourceLine[] = []
  const parser = parse({
    columns: true,
    bom: true,
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error) => {
      if (error) problems.push({ line: Number(error['lines']), problem: error.message })
    },
  })
  input.once('error', (error: Error) => parser.destroy(error))
  const end = (): void => {
    input.unpipe(parser)
    parser.end()
  }
  if (signal?.aborted) end()
  else signal?.addEventListener('abort', end, { once: true })
  for await (const row of input.pipe(parser) as AsyncIterable<CsvRow>) {
    yield* problems.splice(0)
    yield { line: row.info.lines, value: row.record }
  }
  yield* problems
}
