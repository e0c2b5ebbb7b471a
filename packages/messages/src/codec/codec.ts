import type { MessageReader } from './message-reader.ts'
import type { MessageWriter } from './message-writer.ts'

/** One type in one version, both ways. */
export interface Codec<T = unknown> {
  read(reader: MessageReader): T
  write(writer: MessageWriter, value: T): void
  /** What the shortest value takes. */
  readonly leastBytes: number
  /** What a field of the type is where nothing is said of it. */
  empty(): T
  isEmpty(value: T): boolean
}

/**
 * How a message is written: in which version, and whether lengths are compact and structures end with tagged fields
 * (KIP-482).
 */
export interface Form {
  readonly version: number
  readonly isFlexible: boolean
}
