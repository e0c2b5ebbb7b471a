/** One line of an input, without its end. */
export interface InputLine {
  /** Counted from 1. */
  readonly line: number
  readonly text: string
  /** Line feed, carriage return, both, or nothing at the end of the input. */
  readonly ending: string
  /** Whether the bytes were UTF-8. If not, `text` has replacement characters. */
  readonly isUtf8: boolean
}

const [lineFeed, carriageReturn] = [0x0a, 0x0d]
const byteOrderMark = [0xef, 0xbb, 0xbf]

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenientDecoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Says what is wrong with a line that is not UTF-8, and what to do. */
export const notUtf8 = 'not UTF-8; convert the input first, for example with iconv -f latin1 -t utf-8'

/**
 * Cuts bytes into lines. Node's readline would replace bytes that are not UTF-8, and end lines at U+2028 and U+2029.
 * JSON allows both within strings.
 */
export class LineSplitter {
  /** The beginning of the line that has not ended. */
  #parts: Uint8Array[] = []
  /** Whether the last byte was a carriage return. A line feed that follows belongs to it. */
  #endsInReturn = false
  #line = 0

  /** Returns the lines that end in these bytes. */
  add(bytes: Uint8Array): InputLine[] {
    const chunk = this.#endsInReturn ? Buffer.concat([Uint8Array.of(carriageReturn), bytes]) : bytes
    const lines: InputLine[] = []
    let start = 0
    let feed = chunk.indexOf(lineFeed)
    let back = chunk.indexOf(carriageReturn)
    this.#endsInReturn = false
    while (feed >= 0 || back >= 0) {
      const isReturn = back >= 0 && (feed < 0 || back < feed)
      const end = isReturn ? back : feed
      this.#parts.push(chunk.subarray(start, end))
      if (isReturn && end === chunk.length - 1) {
        this.#endsInReturn = true
        return lines
      }
      const isBoth = isReturn && chunk[end + 1] === lineFeed
      lines.push(this.#take(isBoth ? '\r\n' : isReturn ? '\r' : '\n'))
      start = end + (isBoth ? 2 : 1)
      if (isReturn) back = chunk.indexOf(carriageReturn, start)
      if (!isReturn || isBoth) feed = chunk.indexOf(lineFeed, start)
    }
    if (start < chunk.length) this.#parts.push(chunk.subarray(start))
    return lines
  }

  /** Returns the last line, if no line end follows it. */
  end(): InputLine[] {
    if (this.#endsInReturn) return [this.#take('\r')]
    return this.#parts.length === 0 ? [] : [this.#take('')]
  }

  #take(ending: string): InputLine {
    const [first = new Uint8Array(), ...more] = this.#parts
    const all = more.length === 0 ? first : Buffer.concat(this.#parts)
    this.#parts = []
    this.#line++
    const bytes = this.#line === 1 && byteOrderMark.every((byte, index) => all[index] === byte) ? all.subarray(3) : all
    try {
      return { line: this.#line, text: decoder.decode(bytes), ending, isUtf8: true }
    } catch {
      return { line: this.#line, text: lenientDecoder.decode(bytes), ending, isUtf8: false }
    }
  }
}
