import type { Serde } from '@kafkado/core'
import { crc32c } from '@kafkado/core/internal'
import { requireBytes } from '../../state/stored-bytes.ts'

/**
 * Instructions for the task of the right table about a row of the left one. Kafka: SubscriptionWrapper.Instruction, which
 * lacks the last one.
 */
const instructions = ['delete-silently', 'delete-and-tell', 'tell-always', 'tell-if-found', 'tell-if-missing'] as const
export type Instruction = (typeof instructions)[number]

/** Sent under the foreign key: a row of the left table subscribes to that row of the right one, or unsubscribes. */
export interface Subscription {
  readonly leftKey: unknown
  readonly instruction: Instruction
  /** The hash of the left row at that time; null if it was deleted. */
  readonly hash: string | null
}

/** Sent back under the key of the left row: the current right row. */
export interface SubscriptionAnswer {
  readonly hash: string | null
  readonly right: unknown
}

const hashBytes = 16

/**
 * ```
 * subscription: instruction (1) · has hash (1) · hash (16, if it has one) · left key
 * answer:       has hash (1) · hash (16, if it has one) · has value (1) · value
 * ```
 */
export function subscriptionSerde(leftKeySerde: Serde<unknown>): Serde<Subscription> {
  return {
    serialize({ leftKey, instruction, hash }, context) {
      const key = leftKeySerde.serialize(leftKey, { ...context, field: 'key' })
      return joined(Uint8Array.of(instructions.indexOf(instruction)), hashField(hash), key)
    },
    deserialize(bytes, context) {
      const { hash, next } = readHash(bytes, 1)
      const instruction = instructions[bytes[0] as number]
      if (instruction === undefined) throw new RangeError(`${bytes[0]} is no instruction of a subscription`)
      const leftKey = leftKeySerde.deserialize(bytes.subarray(next), { ...context, field: 'key' })
      return { instruction, hash, leftKey }
    },
  }
}

export function answerSerde(rightSerde: Serde<unknown>): Serde<SubscriptionAnswer> {
  return {
    serialize({ hash, right }, context) {
      const value = right === null ? new Uint8Array() : rightSerde.serialize(right, context)
      return joined(hashField(hash), Uint8Array.of(right === null ? 0 : 1), value)
    },
    deserialize(bytes, context) {
      const { hash, next } = readHash(bytes, 0)
      requireBytes(bytes, next + 1)
      return { hash, right: bytes[next] === 0 ? null : rightSerde.deserialize(bytes.subarray(next + 1), context) }
    },
  }
}

/** A foreign key and the key of its row, in the form of Kafka's CombinedKey: length · foreign key · key. */
export interface SubscriptionKey {
  readonly foreignKey: unknown
  readonly leftKey: unknown
}

export function subscriptionKeySerde(foreign: Serde<unknown>, left: Serde<unknown>): Serde<SubscriptionKey> {
  return {
    serialize({ foreignKey, leftKey }, context) {
      const first = foreign.serialize(foreignKey, context)
      const length = new Uint8Array(4)
      new DataView(length.buffer).setInt32(0, first.length)
      return joined(length, first, left.serialize(leftKey, context))
    },
    deserialize(bytes, context) {
      requireBytes(bytes, 4)
      const length = new DataView(bytes.buffer, bytes.byteOffset).getInt32(0)
      if (length < 0) throw new RangeError(`a foreign key has the length ${length}`)
      requireBytes(bytes, 4 + length)
      return {
        foreignKey: foreign.deserialize(bytes.subarray(4, 4 + length), context),
        leftKey: left.deserialize(bytes.subarray(4 + length), context),
      }
    },
  }
}

/** A 64-bit hash of a row. It tells whether an answer is about the row's current state. */
export function hashOf(bytes: Uint8Array): string {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  const hex = (number: number): string => (number >>> 0).toString(16).padStart(8, '0')
  return hex(crc32c(bytes)) + hex(hash)
}

function hashField(hash: string | null): Uint8Array {
  if (hash === null) return Uint8Array.of(0)
  return Uint8Array.from([1, ...Array.from(hash, (character) => character.charCodeAt(0))])
}

function readHash(bytes: Uint8Array, start: number): { hash: string | null; next: number } {
  requireBytes(bytes, start + 1)
  if (bytes[start] === 0) return { hash: null, next: start + 1 }
  const next = start + 1 + hashBytes
  requireBytes(bytes, next)
  return { hash: String.fromCharCode(...bytes.subarray(start + 1, next)), next }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let position = 0
  for (const part of parts) {
    bytes.set(part, position)
    position += part.length
  }
  return bytes
}
