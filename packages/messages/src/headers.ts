import type { RequestHeaderVersion, ResponseHeaderVersion } from './api.ts'
import { MessageReader } from './codec/message-reader.ts'
import { MessageWriter } from './codec/message-writer.ts'
import { skipTagged } from './codec/struct-codec.ts'

/**
 * The header before a message in its frame. It has no compact fields, and its first fields are the same in all
 * versions, so that a broker can read the header of an unknown request.
 */
export interface RequestHeader {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
}

/**
 * @param frame without the size before it
 * @param headerVersion finds the header version of an API and its version, which the first fields of the header state
 * @throws MalformedMessage
 */
export function readRequestHeader(
  frame: Uint8Array,
  headerVersion: (apiKey: number, apiVersion: number) => RequestHeaderVersion,
): RequestHeader & { readonly content: Uint8Array } {
  const reader = new MessageReader(frame)
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  const correlationId = reader.int32()
  const length = reader.int16()
  const clientId = length < 0 ? null : reader.text(length)
  if (headerVersion(apiKey, apiVersion) === 2) skipTagged(reader)
  return { apiKey, apiVersion, correlationId, clientId, content: reader.raw(reader.left) }
}

export function writeRequestHeader(header: RequestHeader, version: RequestHeaderVersion): Uint8Array {
  const writer = new MessageWriter()
  writer.int16(header.apiKey)
  writer.int16(header.apiVersion)
  writer.int32(header.correlationId)
  if (header.clientId === null) writer.int16(-1)
  else writer.text(header.clientId)
  if (version === 2) writer.unsignedVarint(0)
  return whole(writer)
}

/** @throws MalformedMessage */
export function readResponseHeader(
  frame: Uint8Array,
  version: ResponseHeaderVersion,
): { readonly correlationId: number; readonly content: Uint8Array } {
  const reader = new MessageReader(frame)
  const correlationId = reader.int32()
  if (version === 1) skipTagged(reader)
  return { correlationId, content: reader.raw(reader.left) }
}

export function writeResponseHeader(correlationId: number, version: ResponseHeaderVersion): Uint8Array {
  const writer = new MessageWriter()
  writer.int32(correlationId)
  if (version === 1) writer.unsignedVarint(0)
  return whole(writer)
}

/** The bytes of a header are too short to become pieces of their own. */
function whole(writer: MessageWriter): Uint8Array {
  const [piece = new Uint8Array(0)] = writer.finish()
  return piece
}
