import type * as z from 'zod/mini'

/** Where a string stands in a message, as `topics[].partitions[].committedMetadata`. */
export type Path = string

interface Definition {
  readonly type: string
  readonly format?: string
  readonly shape?: Readonly<Record<string, z.ZodMiniType>>
  readonly element?: z.ZodMiniType
  readonly innerType?: z.ZodMiniType
}

const guid = '00000000-0000-4000-8000-000000000000'

/** The paths of all strings that a message may hold, those that have to be UUIDs or one of a few words left out. */
export function stringsIn(schema: z.ZodMiniType, path: Path = ''): Path[] {
  const { type, format, shape = {}, element, innerType } = definitionOf(schema)
  const under = (inner: z.ZodMiniType | undefined, at: Path): Path[] => stringsIn(inner as z.ZodMiniType, at)
  switch (type) {
    case 'object':
      return Object.entries(shape).flatMap(([name, field]) => stringsIn(field, path ? `${path}.${name}` : name))
    case 'array':
      return under(element, `${path}[]`)
    case 'nullable':
    case 'optional':
      return under(innerType, path)
    case 'string':
      return format === undefined ? [path] : []
    case 'number':
    case 'boolean':
    case 'enum':
    case 'literal':
    case 'custom':
      return []
    default:
      throw new TypeError(`${path}: nothing is known of the type '${type}'; add it here`)
  }
}

/** The paths of all lists that may be null, which asks for everything or for nothing. */
export function nullableListsIn(schema: z.ZodMiniType, path: Path = ''): Path[] {
  const { type, shape = {}, element, innerType } = definitionOf(schema)
  if (type === 'object') {
    return Object.entries(shape).flatMap(([name, field]) => nullableListsIn(field, path ? `${path}.${name}` : name))
  }
  if (type === 'array') return nullableListsIn(element as z.ZodMiniType, `${path}[]`)
  if (type === 'optional') return nullableListsIn(innerType as z.ZodMiniType, path)
  if (type !== 'nullable') return []
  const inner = innerType as z.ZodMiniType
  return [...(definitionOf(inner).type === 'array' ? [path] : []), ...nullableListsIn(inner, path)]
}

/**
 * A message of that form with two elements in each list: all strings are 'mine', but the one at the path, in the
 * element chosen of each list, is 'other'.
 */
export function sampleOf(schema: z.ZodMiniType, other?: Path, chosen = 0): unknown {
  return make(schema, '', true)

  function make(own: z.ZodMiniType, path: Path, isChosen: boolean): unknown {
    const { type, format, shape = {}, element, innerType } = definitionOf(own)
    switch (type) {
      case 'object':
        return Object.fromEntries(
          Object.entries(shape).map(([name, field]) => [name, make(field, path ? `${path}.${name}` : name, isChosen)]),
        )
      case 'array':
        return [0, 1].map((index) => make(element as z.ZodMiniType, `${path}[]`, isChosen && index === chosen))
      case 'nullable':
      case 'optional':
        return make(innerType as z.ZodMiniType, path, isChosen)
      case 'string':
        if (format !== undefined) return guid
        return path === other && isChosen ? 'other' : 'mine'
      case 'number':
        return 1
      case 'boolean':
        return true
      case 'enum':
      case 'literal':
        return [...(own._zod.values ?? [])][0]
      default:
        return new Uint8Array(1)
    }
  }
}

function definitionOf(schema: z.ZodMiniType): Definition {
  return schema._zod.def as unknown as Definition
}
