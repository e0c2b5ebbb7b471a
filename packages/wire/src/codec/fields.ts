import type { RequestWriter } from './request-writer.ts'
import { MalformedResponse, type ResponseReader } from './response-reader.ts'

/** One field of a message, both ways. */
export interface Field<T> {
  write(writer: RequestWriter, value: T): void
  read(reader: ResponseReader): T
}

export type ValueOf<F> = F extends Field<infer T> ? T : never

export const int8: Field<number> = { write: (writer, value) => writer.int8(value), read: (reader) => reader.int8() }
export const int16: Field<number> = { write: (writer, value) => writer.int16(value), read: (reader) => reader.int16() }
export const int32: Field<number> = { write: (writer, value) => writer.int32(value), read: (reader) => reader.int32() }
export const int64: Field<number> = { write: (writer, value) => writer.int64(value), read: (reader) => reader.int64() }

export const boolean: Field<boolean> = {
  write: (writer, value) => writer.int8(value ? 1 : 0),
  read: (reader) => reader.int8() !== 0,
}

export const nullableString: Field<string | null> = {
  write: (writer, value) => writer.string(value),
  read: (reader) => reader.string(),
}

export const string: Field<string> = {
  write: (writer, value) => writer.string(value),
  read: (reader) => present(reader.string()),
}

export const bytes: Field<Uint8Array> = {
  write: (writer, value) => writer.bytes(value),
  read: (reader) => present(reader.bytes()),
}

export const nullableBytes: Field<Uint8Array | null> = {
  write: (writer, value) => writer.bytes(value),
  read: (reader) => reader.bytes(),
}

const noUuid = '00000000-0000-0000-0000-000000000000'

/** Sixteen bytes, as text with dashes; null for all zeros, which is how Kafka writes "none". */
export const uuid: Field<string | null> = {
  write: (writer, value) => {
    const digits = (value ?? noUuid).replaceAll('-', '')
    writer.raw(
      Uint8Array.from({ length: 16 }, (_, index) => Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16)),
    )
  },
  read: (reader) => {
    const digits = Array.from(reader.raw(16), (byte) => byte.toString(16).padStart(2, '0')).join('')
    const text = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    return text === noUuid ? null : text
  },
}

export function array<T>(element: Field<T>): Field<T[]> {
  return {
    write: (writer, values) => writer.array(values, (value) => element.write(writer, value)),
    read: (reader) => present(reader.array(() => element.read(reader))),
  }
}

export function nullableArray<T>(element: Field<T>): Field<T[] | null> {
  return {
    write: (writer, values) => writer.array(values, (value) => element.write(writer, value)),
    read: (reader) => reader.array(() => element.read(reader)),
  }
}

/** A structure that may be missing, which a byte before it tells. */
export function nullable<T>(field: Field<T>): Field<T | null> {
  return {
    write: (writer, value) => {
      writer.int8(value === null ? -1 : 1)
      if (value !== null) field.write(writer, value)
    },
    read: (reader) => (reader.int8() < 0 ? null : field.read(reader)),
  }
}

type Fields = Readonly<Record<string, Field<unknown>>>
type StructOf<F extends Fields> = { -readonly [Name in keyof F]: ValueOf<F[Name]> }
type TaggedOf<T extends Readonly<Record<string, Tagged>>> = { [Name in keyof T]?: ValueOf<T[Name][1]> }
/** A field that is there only when it has something to say, under a number of its own. */
type Tagged = readonly [tag: number, field: Field<unknown>]

/** Fields one after the other, and in flexible versions the tagged ones after them; tags which are not named are passed over. */
export function struct<F extends Fields, T extends Readonly<Record<string, Tagged>> = Record<never, never>>(
  fields: F,
  tagged?: T,
): Field<StructOf<F> & TaggedOf<T>> {
  const entries = Object.entries(fields) as unknown as [string, Field<unknown>][]
  const byTag = new Map(Object.entries(tagged ?? {}).map(([name, [tag, field]]) => [tag, { name, field }]))
  return {
    write: (writer, value) => {
      for (const [name, field] of entries) field.write(writer, (value as Record<string, unknown>)[name])
      // Requests say nothing that is tagged.
      if (writer.isFlexible) writer.unsignedVarint(0)
    },
    read: (reader) => {
      const value: Record<string, unknown> = {}
      for (const [name, field] of entries) value[name] = field.read(reader)
      if (reader.isFlexible) readTagged(reader, byTag, value)
      return value as StructOf<F> & TaggedOf<T>
    },
  }
}

function readTagged(
  reader: ResponseReader,
  byTag: ReadonlyMap<number, { name: string; field: Field<unknown> }>,
  value: Record<string, unknown>,
): void {
  for (let left = reader.unsignedVarint(); left > 0; left--) {
    const tag = reader.unsignedVarint()
    const size = reader.unsignedVarint()
    const known = byTag.get(tag)
    if (known) value[known.name] = known.field.read(reader)
    else reader.raw(size)
  }
}

function present<T>(value: T | null): T {
  if (value === null) throw new MalformedResponse('a field is null that must not be')
  return value
}
