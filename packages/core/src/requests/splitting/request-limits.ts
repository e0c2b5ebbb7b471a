import type { AnyOperation, RequestElements } from '../../protocol/operation.ts'

/** The most that one request may contain, as stated by capabilities. */
export interface RequestLimits {
  /** Partitions, topics or groups. */
  readonly maxPartitions: number
  readonly maxBodyBytes: number
}

/** An element of a list: a name, or an object that may name partitions. */
export interface Entry {
  readonly topic?: unknown
  readonly partitions?: unknown
}

export type Lists = Record<string, unknown>

/** More than a JSON document or a frame needs around its content. */
export const envelopeBytes = 256

/** Whether the request is within the limits, or cannot be split. */
export function isWithin(operation: AnyOperation, request: unknown, limits: RequestLimits): boolean {
  const { elements } = operation
  const list = elements && listOf(elements, request)
  if (!list) return true
  const count = countOf(list)
  if (count <= 1) return true
  if (count > limits.maxPartitions) return false
  const bytes = elements.mostBytesEach === undefined ? weigh(request) : count * elements.mostBytesEach
  return bytes + envelopeBytes <= limits.maxBodyBytes
}

function listOf({ asked }: RequestElements, request: unknown): readonly unknown[] | undefined {
  const list = (request as Lists | null | undefined)?.[asked]
  return Array.isArray(list) ? list : undefined
}

/** Counts as servers do: each partition, and each entry without partitions. */
export function countOf(list: readonly unknown[]): number {
  let count = 0
  for (const entry of list) {
    const partitions = (entry as Entry | null | undefined)?.partitions
    count += Array.isArray(partitions) ? Math.max(partitions.length, 1) : 1
  }
  return count
}

/** The longest form of a character: an escape such as \u0000. */
const longestCharacterBytes = 6
const longestNumberBytes = 25
const deepest = 8

/** The most bytes that a value takes in JSON or a frame, computed without writing it. */
export function weigh(value: unknown, depth = 0): number {
  if (typeof value === 'string') return value.length * longestCharacterBytes + 3
  if (typeof value !== 'object' || value === null || depth === deepest) return longestNumberBytes
  if (value instanceof Uint8Array) return value.length + longestNumberBytes
  let bytes = 2
  if (Array.isArray(value)) for (const element of value) bytes += weigh(element, depth + 1) + 1
  else for (const name in value) bytes += name.length + 4 + weigh((value as Lists)[name], depth + 1)
  return bytes
}
