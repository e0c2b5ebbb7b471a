/** Which parts of a line become the key and the value of a record. */
export interface PartOptions {
  /** The field with the key. */
  readonly key?: string
  /** The field with the value. Default: the whole line is the value. */
  readonly value?: string
  /** Whether a record without content is a tombstone. */
  readonly tombstones?: boolean
}

export interface RecordParts {
  readonly key: string | null
  /** JSON; null is a tombstone. */
  readonly value: string | null
}

/**
 * Returns the key and the value of a line. Numbers stay as written: JSON.parse would change the key 9007199254740993.
 *
 * @param source the line, parsed and as written
 * @throws Error that says what is missing
 */
export function partsOf(
  source: { readonly value: unknown; readonly json: string },
  { key: keyField, value: valueField, tombstones: isEmptyDeleted = false }: PartOptions,
): RecordParts {
  const key = keyField === undefined ? null : textOf(fieldOf(source, keyField))
  const isEmpty = isEmptyDeleted && hasNothingBeside(source.value, keyField, valueField)
  const content = valueField === undefined ? source.value : fieldOf(source, valueField)
  if (!isEmpty && content !== null)
    return { key, value: valueField === undefined ? source.json : JSON.stringify(content) }
  if (isEmpty && key === null) throw new Error('a tombstone needs a key, to say what is deleted')
  return { key, value: null }
}

/** Returns the content of a field, with its numbers as written. */
function fieldOf({ value, json }: { readonly value: unknown; readonly json: string }, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`there is no field '${name}', as it is no JSON object`)
  if (!Object.hasOwn(value, name)) {
    const names = Object.keys(value)
    throw new Error(`there is no field '${name}', ${names.length === 0 ? 'nor any other' : `only ${names.join(', ')}`}`)
  }
  const content = (value as Record<string, unknown>)[name]
  if (typeof content !== 'number' && (typeof content !== 'object' || content === null)) return content
  return (parseExactly(json) as Record<string, unknown>)[name]
}

function textOf(content: unknown): string | null {
  return content === null || typeof content === 'string' ? content : JSON.stringify(content)
}

function hasNothingBeside(value: unknown, keyField: string | undefined, valueField: string | undefined): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value === null || value === ''
  return Object.entries(value).every(
    ([name, content]) =>
      content === null || content === '' || (valueField === undefined ? name === keyField : name !== valueField),
  )
}

/**
 * The names come from the ECMAScript proposal "JSON.parse source text access". TypeScript's library for ES2023 lacks
 * them.
 */
const exactJson = JSON as unknown as {
  parse(text: string, reviver: (name: string, value: unknown, context: { readonly source: string }) => unknown): unknown
  rawJSON(text: string): unknown
}

function parseExactly(json: string): unknown {
  return exactJson.parse(json, (_name, value, { source }) =>
    typeof value === 'number' ? exactJson.rawJSON(source) : value,
  )
}
