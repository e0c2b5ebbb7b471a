import type { Schema } from './schema.ts'

/** Copies a value that matches the schema, without fields that the schema does not name. */
export function readValue({ form }: Schema, value: unknown): unknown {
  switch (form.type) {
    case 'object': {
      const source = value as Readonly<Record<string, unknown>>
      const copy: Record<string, unknown> = {}
      for (const [name, field] of Object.entries(form.shape))
        if (name in source) copy[name] = readValue(field, source[name])
      return copy
    }
    case 'array':
      return (value as readonly unknown[]).map((element) => readValue(form.element, element))
    case 'nullable':
    case 'optional':
      return value === null || value === undefined ? value : readValue(form.inner, value)
    default:
      return value
  }
}
