import type { Serde } from '@kafkado/core'
import { appendLongs, readLong, requireBytes } from '../../state/stored-bytes.ts'

/** A row from a time on; null if there was none. */
export interface Version {
  readonly from: number
  readonly value: unknown
}

/** Adds a version, in the order of time. It replaces one of the same time. */
export function withVersion(versions: readonly Version[], added: Version): Version[] {
  const before = versions.filter(({ from }) => from < added.from)
  const after = versions.filter(({ from }) => from > added.from)
  return [...before, added, ...after]
}

/** The version that counted at a time; undefined if none is known. */
export function versionAt(versions: readonly Version[], time: number): Version | undefined {
  return versions.findLast(({ from }) => from <= time)
}

export interface NeededTimes {
  readonly oldest: number
  readonly others: readonly number[]
  /** A removal at this time or before is no longer known. */
  readonly forgotten: number
}

/**
 * The versions that may still be needed: for times from `oldest` on, or for one of the others. A missing row at the
 * beginning is kept only as long as it is to be known that a row was removed.
 */
export function neededVersions(versions: readonly Version[], { oldest, others, forgotten }: NeededTimes): Version[] {
  const asked = new Set([oldest, ...others].map((time) => versionAt(versions, time)))
  const needed = versions.filter((version) => version.from > oldest || asked.has(version))
  const first = needed.findIndex(({ from, value }) => value !== null || (from > 0 && from > forgotten))
  return first < 0 ? [] : needed.slice(first)
}

/** `from (8) · length, or −1 for null (4) · value`, repeated. */
export function versionsSerde(inner: Serde<unknown>): Serde<unknown> {
  return {
    serialize(versions, context) {
      const parts = (versions as readonly Version[]).map(({ from, value }) => {
        const content = value === null ? undefined : inner.serialize(value, context)
        const bytes = new Uint8Array(12 + (content?.length ?? 0))
        bytes.set(appendLongs(new Uint8Array(), from))
        new DataView(bytes.buffer).setInt32(8, content?.length ?? -1)
        if (content) bytes.set(content, 12)
        return bytes
      })
      const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
      let position = 0
      for (const part of parts) {
        all.set(part, position)
        position += part.length
      }
      return all
    },
    deserialize(bytes, context) {
      const versions: Version[] = []
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      for (let position = 0; position < bytes.length;) {
        requireBytes(bytes, position + 12)
        const length = view.getInt32(position + 8)
        const end = position + 12 + Math.max(length, 0)
        requireBytes(bytes, end)
        const value = length < 0 ? null : inner.deserialize(bytes.subarray(position + 12, end), context)
        versions.push({ from: readLong(bytes, position), value })
        position = end
      }
      return versions
    },
  }
}
