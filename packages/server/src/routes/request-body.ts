import { type AnyOperation, InvalidRequestError, MessageTooLargeError, type RequestOf } from '@kafkado/core'
import { batchesContentType, countOf, decodeFrame, parseRequest } from '@kafkado/core/internal'
import type { Limits } from '../call/limits.ts'
import { Refusal, refuse } from '../exchange/refusal.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })
const deepest = 32

/** @throws Refusal with 415 when the content has another type, or is compressed as a whole */
export function requireContentType(
  expected: string,
  contentType: string | undefined,
  contentEncoding: string | undefined,
): void {
  if (contentType === expected && contentEncoding === undefined) return
  const given = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  if (given !== expected) {
    throw refuse(415, `send the body as ${expected}, not as ${given ? JSON.stringify(given) : 'an unnamed type'}`, {
      'accept-post': expected,
    })
  }
  if (contentEncoding !== undefined && contentEncoding !== 'identity') {
    throw refuse(415, 'send the body without content-encoding; record batches have compression of their own', {
      'accept-encoding': 'identity',
    })
  }
}

export function contentTypeOf(operation: AnyOperation): string {
  return operation.records === 'request' ? batchesContentType : 'application/json'
}

/**
 * Reads the request in a body. Its record batches are slices of the body.
 *
 * @throws InvalidRequestError saying what is wrong with it
 */
export function readRequest<O extends AnyOperation>(operation: O, body: Uint8Array, limits: Limits): RequestOf<O> {
  const content = operation.records === 'request' ? decodeFrame(body) : parseJson(body)
  requireElements(operation, content, limits.maxPartitions)
  requireHarmlessKeys(content)
  return parseRequest(operation, content)
}

/**
 * Reads a body of JSON that is no operation's request.
 *
 * @throws InvalidRequestError saying what is wrong with it
 */
export function readJson(body: Uint8Array): unknown {
  const content = parseJson(body)
  requireHarmlessKeys(content)
  return content
}

/** @throws InvalidRequestError when the bytes are not JSON in UTF-8 */
function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body))
  } catch {
    throw new InvalidRequestError(body.length === 0 ? 'the body is empty; send JSON' : 'the body is not JSON in UTF-8')
  }
}

/**
 * Refuses names that would reach an object's prototype when fields are copied, and nesting that would exhaust the stack
 * of a recursion.
 *
 * @throws InvalidRequestError
 */
function requireHarmlessKeys(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return
  if (depth === deepest) throw new InvalidRequestError(`the body is nested deeper than ${deepest} levels`)
  if (Array.isArray(value)) {
    for (const element of value) requireHarmlessKeys(element, depth + 1)
    return
  }
  // Objects from JSON.parse inherit nothing enumerable.
  for (const key in value) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype')
      throw new InvalidRequestError(`the body has a field named '${key}', which is refused`)
    requireHarmlessKeys((value as Record<string, unknown>)[key], depth + 1)
  }
}

/**
 * Counts the partitions, topics and groups named, before anything else visits them. The byte limit covers requests that
 * cannot be split.
 */
function requireElements({ elements }: AnyOperation, content: unknown, most: number): void {
  if (!elements || typeof content !== 'object' || content === null) return
  const list: unknown = (content as Record<string, unknown>)[elements.asked]
  const count = Array.isArray(list) ? countOf(list) : 0
  if (count <= most) return
  const detail = `the request names ${count} partitions, topics or groups; at most ${most} fit in one (maxPartitions)`
  throw new Refusal(413, new MessageTooLargeError(detail))
}
