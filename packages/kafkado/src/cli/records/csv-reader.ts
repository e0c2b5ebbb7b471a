import { type InputLine, notUtf8 } from './input-lines.ts'

/** One row, with the line where it begins. */
export type CsvRow =
  | { readonly line: number; readonly values: string[] }
  | { readonly line: number; readonly problem: string }

const strayQuote = 'a quote stands within a value; quote the whole value and double the quotes in it, as in "a ""b"""'
const afterQuote = 'after the quote that ends a value a comma or the end of the row has to come'

/**
 * Builds the rows of CSV from lines (RFC 4180: commas, and quotes around values that contain commas, quotes or ends of
 * lines). Reads a row with a mistake to its end, so that its quoted lines are not taken for rows.
 *
 * `csv-parse` was tried instead (7.0.3, 1.7 MB). It silently replaces bytes that are not UTF-8, names the line where a
 * row ends, reports faults before earlier rows, loses the row that shares a quote with a faulty one, and keeps a
 * carriage return when the ends of lines differ.
 */
export class CsvReader {
  #values: string[] = []
  /** The beginning of a quoted value that has not ended. */
  #quoted: string | undefined
  #problem: string | undefined
  #firstLine = 0

  /** @returns the row that ends with this line; undefined within quotes and for an empty line */
  add({ line, text, ending, isUtf8 }: InputLine): CsvRow | undefined {
    const isWithinRow = this.#quoted !== undefined
    if (!isWithinRow && text === '') return undefined
    if (!isWithinRow) this.#firstLine = line
    if (!isUtf8) this.#problem ??= `${line === this.#firstLine ? '' : `line ${line} is `}${notUtf8}`
    this.#read(text)
    if (this.#quoted === undefined) return this.#take()
    this.#quoted += ending
    return undefined
  }

  /** Returns the row in which the input ended. */
  end(): CsvRow | undefined {
    if (this.#quoted === undefined) return undefined
    this.#problem = 'a quote in this row is never closed, so all that follows belongs to it'
    return this.#take()
  }

  #read(text: string): void {
    let next: number | undefined = 0
    while (next !== undefined) {
      if (this.#quoted === undefined && text[next] === '"') {
        this.#quoted = ''
        next++
      }
      next = this.#quoted === undefined ? this.#readPlain(text, next) : this.#readQuoted(text, next)
    }
  }

  /** @returns where the next value begins; undefined at the end of the row */
  #readPlain(text: string, start: number): number | undefined {
    const comma = text.indexOf(',', start)
    const value = comma < 0 ? text.slice(start) : text.slice(start, comma)
    if (value.includes('"')) this.#problem ??= strayQuote
    this.#values.push(value)
    return comma < 0 ? undefined : comma + 1
  }

  /** @returns where the next value begins; undefined at the end of the line */
  #readQuoted(text: string, start: number): number | undefined {
    let from = start
    for (let quote = text.indexOf('"', from); quote >= 0; quote = text.indexOf('"', from)) {
      const isDoubled = text[quote + 1] === '"'
      this.#quoted += text.slice(from, isDoubled ? quote + 1 : quote)
      from = quote + (isDoubled ? 2 : 1)
      if (isDoubled) continue
      this.#values.push(this.#quoted as string)
      this.#quoted = undefined
      if (from === text.length) return undefined
      if (text[from] === ',') return from + 1
      this.#problem ??= afterQuote
      const comma = text.indexOf(',', from)
      return comma < 0 ? undefined : comma + 1
    }
    this.#quoted += text.slice(from)
    return undefined
  }

  #take(): CsvRow {
    const line = this.#firstLine
    const row = this.#problem === undefined ? { line, values: this.#values } : { line, problem: this.#problem }
    this.#values = []
    this.#quoted = undefined
    this.#problem = undefined
    return row
  }
}
