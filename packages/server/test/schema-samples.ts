import type { Schema } from '@kafkado/core/internal'

/** The place of a string in a message, such as `topics[].partitions[].committedMetadata`. */
export type Path = string

const uuid = '00000000-0000-4000-8000-000000000000'

/** The paths of all strings in a message, except UUIDs and choices of a few words. */
export function stringsIn({ form }: Schema, path: Path = ''): Path[] {
  switch (form.type) {
    case 'object':
      return Object.entries(form.shape).flatMap(([name, field]) => stringsIn(field, path ? `${path}.${name}` : name))
    case 'array':
      return stringsIn(form.element, `${path}[]`)
    case 'nullable':
    case 'optional':
      return stringsIn(form.inner, path)
    case 'string':
      return [path]
    default:
      return []
  }
}

/** The paths of all lists that may be null. Null asks for everything or for nothing. */
export function nullableListsIn({ form }: Schema, path: Path = ''): Path[] {
  switch (form.type) {
    case 'object':
      return Object.entries(form.shape).flatMap(([name, field]) =>
        nullableListsIn(field, path ? `${path}.${name}` : name),
      )
    case 'array':
      return nullableListsIn(form.element, `${path}[]`)
    case 'optional':
      return nullableListsIn(form.inner, path)
    case 'nullable':
      return [...(form.inner.form.type === 'array' ? [path] : []), ...nullableListsIn(form.inner, path)]
    default:
      return []
  }
}

/**
 * A message of that form with two elements in each list. All strings are 'mine', except 'other' at the path, in the
 * chosen element of each list.
 */
export function sampleOf(schema: Schema, other?: Path, chosen = 0): unknown {
  return make(schema, '', true)

  function make({ form }: Schema, path: Path, isChosen: boolean): unknown {
    switch (form.type) {
      case 'object':
        return Object.fromEntries(
          Object.entries(form.shape).map(([name, field]) => [
            name,
            make(field, path ? `${path}.${name}` : name, isChosen),
          ]),
        )
      case 'array':
        return [0, 1].map((index) => make(form.element, `${path}[]`, isChosen && index === chosen))
      case 'nullable':
      case 'optional':
        return make(form.inner, path, isChosen)
      case 'string':
        return path === other && isChosen ? 'other' : 'mine'
      case 'uuid':
        return uuid
      case 'integer':
        return 1
      case 'boolean':
        return true
      case 'choice':
        return form.values[0]
      case 'bytes':
        return new Uint8Array(1)
    }
  }
}
