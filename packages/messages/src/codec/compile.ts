import type { AnyArray, AnyStruct, FieldType } from '../fields/field-types.ts'
import type { Codec, Form } from './codec.ts'
import { MalformedMessage } from './message-reader.ts'
import { nullRead, readLength, scalarCodec, writeLength, writeNull } from './scalar-codecs.ts'
import { structCodec } from './struct-codec.ts'

/** Makes the codec of a type in one version. Make it once: this walks over the whole definition. */
export function compile(type: FieldType, form: Form, name: string): Codec {
  if (type.kind !== 'nullable') return compilePlain(type, form, name, false)
  const mayBeNull = form.version >= type.since && form.version <= type.until
  return compilePlain(type.of, form, name, mayBeNull)
}

function compilePlain(
  type: Exclude<FieldType, { readonly kind: 'nullable' }>,
  form: Form,
  name: string,
  mayBeNull: boolean,
): Codec {
  if (type.kind === 'array') return arrayCodec(type as AnyArray, form, name, mayBeNull)
  if (type.kind !== 'struct') return scalarCodec(type.kind, form, name, mayBeNull)
  const codec = structCodec(type as AnyStruct, form, compile) as Codec
  return mayBeNull ? nullableStruct(codec) : codec
}

function arrayCodec({ element }: AnyArray, form: Form, name: string, mayBeNull: boolean): Codec<unknown[] | null> {
  const { isFlexible } = form
  const codec = compile(element, form, name)
  // Every element takes at least one byte, so a length cannot claim more elements than bytes.
  const leastBytes = Math.max(codec.leastBytes, 1)
  return {
    read: (reader) => {
      const length = readLength(reader, isFlexible)
      if (length < 0) return nullRead(name, mayBeNull)
      if (length * leastBytes > reader.left)
        throw new MalformedMessage(
          `the field '${name}' has ${length} elements, which do not fit into the ${reader.left} bytes that are left`,
        )
      const values: unknown[] = []
      for (let index = 0; index < length; index++) values.push(codec.read(reader))
      return values
    },
    write: (writer, values) => {
      if (values === null) {
        writeNull(writer, 32, isFlexible, name, mayBeNull)
        return
      }
      writeLength(writer, values.length, isFlexible)
      for (const value of values) codec.write(writer, value)
    },
    leastBytes: isFlexible ? 1 : 4,
    empty: () => [],
    isEmpty: (values) => values !== null && values.length === 0,
  }
}

/** A structure that may be null, which the byte before it tells. */
function nullableStruct(codec: Codec): Codec {
  return {
    read: (reader) => (reader.int8() < 0 ? null : codec.read(reader)),
    write: (writer, value) => {
      writer.int8(value === null ? -1 : 1)
      if (value !== null) codec.write(writer, value)
    },
    leastBytes: 1,
    empty: () => codec.empty(),
    isEmpty: (value) => value !== null && codec.isEmpty(value),
  }
}
