import { InvalidRequestError } from '@kafkado/core'
import type { AnyField, AnyStruct, FieldType } from '../fields/field-types.ts'
import { fieldOf, hasField } from '../fields/fields.ts'
import type { Codec, Form } from './codec.ts'
import { MalformedMessage, type MessageReader } from './message-reader.ts'
import { MessageWriter } from './message-writer.ts'

type Value = Record<string, unknown>

/** A field in one version. */
interface Member {
  readonly name: string
  readonly codec: Codec
  /** Its value when the version lacks the field. */
  readonly fallback: () => unknown
  /** Its value when none is given. @throws InvalidRequestError when the field is required */
  readonly orElse: () => unknown
  readonly isFallback: (value: unknown) => boolean
}

/**
 * Fields one after the other, and in flexible versions the tagged fields after them: their number, then each with its
 * tag and size, in ascending order of tags. Unknown tags are skipped.
 *
 * @param compile makes the codecs of the fields
 */
export function structCodec(
  { fields }: AnyStruct,
  form: Form,
  compile: (type: FieldType, form: Form, name: string) => Codec,
): Codec<Value> {
  const named = Object.entries(fields).map(([name, given]) => {
    const field = fieldOf(given)
    return { field, member: memberOf(name, given, compile(field.type, form, name)) }
  })
  const there = named.filter(({ field }) => hasField(field, form.version))
  const plain = there.filter(({ field }) => field.options.tag === undefined).map(({ member }) => member)
  const byTag = new Map(
    there
      .flatMap(({ field, member }) => (field.options.tag === undefined ? [] : [[field.options.tag, member] as const]))
      .sort(([left], [right]) => left - right),
  )
  const tagged = [...byTag]
  const members = named.map(({ member }) => member)
  const notPlain = members.filter((member) => !plain.includes(member))
  const refused = named
    .filter(({ field }) => !hasField(field, form.version) && !field.options.ignorable)
    .map(({ member }) => member)
  // One object for all messages, as many have several of them.
  const empty = Object.freeze(Object.fromEntries(members.map(({ name, fallback }) => [name, fallback()])))

  return {
    read: (reader) => {
      const value: Value = {}
      for (const { name, codec } of plain) value[name] = codec.read(reader)
      for (const { name, fallback } of notPlain) value[name] = fallback()
      if (form.isFlexible) readTagged(reader, byTag, value)
      return value
    },
    write: (writer, value) => {
      for (const { name, codec, orElse } of plain) {
        const given = value[name]
        codec.write(writer, given === undefined ? orElse() : given)
      }
      for (const member of refused) refuse(member, value, form.version)
      if (form.isFlexible) writeTagged(writer, tagged, value)
    },
    leastBytes: plain.reduce((sum, { codec }) => sum + codec.leastBytes, form.isFlexible ? 1 : 0),
    empty: () => empty,
    isEmpty: (value) => members.every(({ name, isFallback }) => value[name] === undefined || isFallback(value[name])),
  }
}

function memberOf(name: string, given: FieldType | AnyField, codec: Codec): Member {
  const { options } = fieldOf(given)
  const hasDefault = 'default' in options
  const fallback = (): unknown => (hasDefault ? options.default : codec.empty())
  const isRequired = given.kind !== 'field'
  return {
    name,
    codec,
    fallback,
    orElse: isRequired ? () => missing(name) : fallback,
    isFallback: (value) => (hasDefault ? value === options.default : codec.isEmpty(value)),
  }
}

/** @throws InvalidRequestError */
function missing(name: string): never {
  throw new InvalidRequestError(`the field '${name}' is missing`)
}

/** @throws InvalidRequestError when the version has no such field, so that the value would be lost */
function refuse({ name, isFallback }: Member, value: Value, version: number): void {
  if (value[name] === undefined || isFallback(value[name])) return
  throw new InvalidRequestError(`version ${version} of the message has no field '${name}'`)
}

function readTagged(reader: MessageReader, byTag: ReadonlyMap<number, Member>, value: Value): void {
  for (let left = reader.unsignedVarint(); left > 0; left--) {
    const tag = reader.unsignedVarint()
    const size = reader.unsignedVarint()
    const known = byTag.get(tag)
    if (!known) {
      reader.raw(size)
      continue
    }
    const start = reader.position
    value[known.name] = known.codec.read(reader)
    const taken = reader.position - start
    if (taken !== size)
      throw new MalformedMessage(`the tagged field '${known.name}' takes ${taken} bytes, but its size says ${size}`)
  }
}

function writeTagged(writer: MessageWriter, tagged: readonly (readonly [number, Member])[], value: Value): void {
  if (tagged.length === 0) {
    writer.unsignedVarint(0)
    return
  }
  const given = tagged.filter(([, { name, isFallback }]) => value[name] !== undefined && !isFallback(value[name]))
  writer.unsignedVarint(given.length)
  for (const [tag, { name, codec }] of given) {
    const content = new MessageWriter()
    codec.write(content, value[name])
    const pieces = content.finish()
    writer.unsignedVarint(tag)
    writer.unsignedVarint(pieces.reduce((size, piece) => size + piece.length, 0))
    for (const piece of pieces) writer.bytes(piece)
  }
}

/** Skips all tagged fields, when none of them is known. */
export function skipTagged(reader: MessageReader): void {
  readTagged(reader, new Map(), {})
}
