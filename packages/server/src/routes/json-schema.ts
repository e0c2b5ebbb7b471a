import { type Schema, uuidPattern } from '@kafkado/core/internal'

export type JsonSchema = Record<string, unknown>

/** Translates the schema of a request (`input`) or an answer (`output`) to JSON Schema, as in OpenAPI 3.1. */
export function jsonSchemaOf(schema: Schema, io: 'input' | 'output'): JsonSchema {
  const { form } = schema
  switch (form.type) {
    case 'object':
      return objectOf(form.shape, io)
    case 'array':
      return { type: 'array', items: jsonSchemaOf(form.element, io) }
    case 'nullable':
      return nullableOf(jsonSchemaOf(form.inner, io))
    case 'optional':
      return jsonSchemaOf(form.inner, io)
    case 'integer':
      return { type: 'integer', minimum: form.minimum, maximum: form.maximum }
    case 'choice':
      return form.values.length === 1
        ? { type: 'string', const: form.values[0] }
        : { type: 'string', enum: form.values }
    case 'uuid':
      return { type: 'string', format: 'uuid', pattern: uuidPattern.source }
    case 'string':
    case 'boolean':
      return { type: form.type }
    case 'bytes':
      return byteLength
  }
}

function nullableOf(schema: JsonSchema): JsonSchema {
  const isTypeAlone = Object.keys(schema).length === 1
  return isTypeAlone ? { type: [schema['type'], 'null'] } : { anyOf: [schema, { type: 'null' }] }
}

/** The header of a frame holds the length of a partition's bytes instead of the bytes. */
const byteLength: JsonSchema = {
  type: 'integer',
  minimum: 0,
  description: 'The length of the record batches of this partition, which follow the header',
}

function objectOf(shape: Readonly<Record<string, Schema>>, io: 'input' | 'output'): JsonSchema {
  const fields = Object.entries(shape).map(([name, field]) => ({
    name: field.form.type === 'bytes' ? 'byteLength' : name,
    isRequired: field.form.type !== 'optional',
    schema: jsonSchemaOf(field, io),
  }))
  const required = fields.filter(({ isRequired }) => isRequired).map(({ name }) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
    ...(required.length > 0 && { required }),
    // Servers ignore unknown fields of a request; answers have exactly these fields.
    ...(io === 'output' && { additionalProperties: false }),
  }
}
