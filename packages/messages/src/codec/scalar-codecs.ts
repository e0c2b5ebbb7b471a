import { InvalidRequestError } from '@kafkado/core'
import type { ScalarKind, ScalarValues } from '../fields/field-types.ts'
import type { Codec, Form } from './codec.ts'
import { MalformedMessage, type MessageReader } from './message-reader.ts'
import type { MessageWriter } from './message-writer.ts'

const noBytes = new Uint8Array(0)
const noUuid = '00000000-0000-0000-0000-000000000000'
const isZero = (value: number): boolean => value === 0
const zero = (): number => 0

const fixed: { [K in Exclude<ScalarKind, 'string' | 'bytes'>]: Codec<ScalarValues[K]> } = {
  int8: {
    read: (reader) => reader.int8(),
    write: (writer, value) => writer.int8(value),
    leastBytes: 1,
    empty: zero,
    isEmpty: isZero,
  },
  int16: {
    read: (reader) => reader.int16(),
    write: (writer, value) => writer.int16(value),
    leastBytes: 2,
    empty: zero,
    isEmpty: isZero,
  },
  int32: {
    read: (reader) => reader.int32(),
    write: (writer, value) => writer.int32(value),
    leastBytes: 4,
    empty: zero,
    isEmpty: isZero,
  },
  int64: {
    read: (reader) => reader.int64(),
    write: (writer, value) => writer.int64(value),
    leastBytes: 8,
    empty: zero,
    isEmpty: isZero,
  },
  float64: {
    read: (reader) => reader.float64(),
    write: (writer, value) => writer.float64(value),
    leastBytes: 8,
    empty: zero,
    isEmpty: isZero,
  },
  boolean: {
    read: (reader) => reader.int8() !== 0,
    write: (writer, value) => writer.int8(value ? 1 : 0),
    leastBytes: 1,
    empty: () => false,
    isEmpty: (value) => !value,
  },
  uuid: {
    read: readUuid,
    write: writeUuid,
    leastBytes: 16,
    empty: () => null,
    isEmpty: (value) => value === null || value === noUuid,
  },
}

export function scalarCodec(kind: ScalarKind, form: Form, name: string, mayBeNull: boolean): Codec {
  if (kind === 'string') return stringCodec(form, name, mayBeNull)
  if (kind === 'bytes') return bytesCodec(form, name, mayBeNull)
  return fixed[kind] as Codec
}

function stringCodec({ isFlexible }: Form, name: string, mayBeNull: boolean): Codec<string | null> {
  return {
    read: (reader) => {
      const length = isFlexible ? reader.compactLength() : reader.int16()
      return length < 0 ? nullRead(name, mayBeNull) : reader.text(length)
    },
    write: (writer, value) => {
      if (value === null) writeNull(writer, 16, isFlexible, name, mayBeNull)
      else if (isFlexible) writer.compactText(value)
      else writer.text(value)
    },
    leastBytes: isFlexible ? 1 : 2,
    empty: () => '',
    isEmpty: (value) => value === '',
  }
}

function bytesCodec({ isFlexible }: Form, name: string, mayBeNull: boolean): Codec<Uint8Array | null> {
  return {
    read: (reader) => {
      const length = readLength(reader, isFlexible)
      return length < 0 ? nullRead(name, mayBeNull) : reader.raw(length)
    },
    write: (writer, value) => {
      if (value === null) writeNull(writer, 32, isFlexible, name, mayBeNull)
      else {
        writeLength(writer, value.length, isFlexible)
        writer.bytes(value)
      }
    },
    leastBytes: isFlexible ? 1 : 4,
    empty: () => noBytes,
    isEmpty: (value) => value !== null && value.length === 0,
  }
}

/** The number of elements or bytes that follow; negative for null. */
export function readLength(reader: MessageReader, isFlexible: boolean): number {
  return isFlexible ? reader.compactLength() : reader.int32()
}

export function writeLength(writer: MessageWriter, length: number, isFlexible: boolean): void {
  if (isFlexible) writer.unsignedVarint(length + 1)
  else writer.int32(length)
}

/** @throws MalformedMessage when the version does not allow null here */
export function nullRead(name: string, mayBeNull: boolean): null {
  if (mayBeNull) return null
  throw new MalformedMessage(`the field '${name}' is null, which is not allowed there`)
}

/** @throws InvalidRequestError when the version does not allow null here */
export function writeNull(
  writer: MessageWriter,
  lengthBits: 16 | 32,
  isFlexible: boolean,
  name: string,
  mayBeNull: boolean,
): void {
  if (!mayBeNull) throw new InvalidRequestError(`the field '${name}' must not be null in this version`)
  if (isFlexible) writer.unsignedVarint(0)
  else if (lengthBits === 16) writer.int16(-1)
  else writer.int32(-1)
}

/** Two digits for each byte. */
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
/** The bytes of an id that a dash follows. */
const dashes = new Set([3, 5, 7, 9])

function readUuid(reader: MessageReader): string | null {
  let text = ''
  for (const [index, byte] of reader.raw(16).entries()) text += dashes.has(index) ? `${hex[byte]}-` : hex[byte]
  return text === noUuid ? null : text
}

function writeUuid(writer: MessageWriter, value: string | null): void {
  const digits = (value ?? noUuid).replaceAll('-', '')
  const content = new Uint8Array(16)
  for (let index = 0; index < 16; index++) content[index] = Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16)
  writer.raw(content)
}
