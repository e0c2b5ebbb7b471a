/**
 * Counts the parts of a regular expression with all repetitions written out: `(ab|c){100}` has about 400. RE2's
 * compiled form has about this length, and matching a topic name runs through all of it. So the cost is known before
 * any time is spent. The result for a malformed expression is arbitrary.
 */
export function expressionWeight(source: string): number {
  const groups = new OpenGroups()
  for (let position = 0; position < source.length;) {
    const character = source[position] as string
    const flags = character === '(' ? onlyFlags.exec(source.slice(position, position + 24)) : null
    const repetition = character === '{' ? repeated.exec(source.slice(position, position + 24)) : null
    if (flags) {
      // A flag cannot be repeated: a repetition after it belongs to the part before.
      position += flags[0].length
    } else if (repetition) {
      const [text, least, most] = repetition
      groups.repeat(Math.max(Number(least), Number(most || 0)))
      position += text.length
    } else if (source.startsWith('\\Q', position)) {
      const end = source.indexOf('\\E', position + 2)
      const length = (end < 0 ? source.length : end) - position - 2
      for (let left = length; left > 0; left--) groups.add()
      position += length + 4
    } else {
      if (character === '(') groups.open()
      else if (character === ')') groups.close()
      else if (!'?*+'.includes(character)) groups.add()
      position = endOfPart(source, position)
    }
  }
  return groups.weight
}

const onlyFlags = /^\(\?[a-zA-Z-]*\)/
const repeated = /^\{(\d+)(?:,(\d*))?\}/

/** The open groups: the weight of each so far, and of its last part, which a repetition would multiply. */
class OpenGroups {
  readonly #stack: { weight: number; last: number }[] = []
  #current = { weight: 0, last: 0 }

  get weight(): number {
    return this.#stack.reduce((sum, { weight }) => sum + weight, this.#current.weight)
  }

  add(weight = 1): void {
    this.#current.weight += weight
    this.#current.last = weight
  }

  repeat(times: number): void {
    const added = this.#current.last * Math.max(times - 1, 0)
    this.#current.weight += added
    this.#current.last += added
  }

  open(): void {
    this.#stack.push(this.#current)
    this.#current = { weight: 0, last: 0 }
  }

  close(): void {
    const { weight } = this.#current
    const outer = this.#stack.pop()
    if (outer) this.#current = outer
    this.add(outer ? 1 + weight : 1)
  }
}

/** The end of one character, an escaped one, or a character class. */
function endOfPart(source: string, start: number): number {
  if (source[start] === '\\') return start + 2
  return source[start] === '[' ? endOfClass(source, start + 1) : start + 1
}

function endOfClass(source: string, start: number): number {
  let position = source[start] === '^' ? start + 1 : start
  // A leading bracket belongs to the class, and a named class such as [:alpha:] has its own end.
  if (source[position] === ']') position++
  while (position < source.length && source[position] !== ']') {
    const end = source.startsWith('[:', position) ? source.indexOf(':]', position + 2) : -1
    if (end >= 0) position = end + 2
    else position += source[position] === '\\' ? 2 : 1
  }
  return position + 1
}
