import type { MessageReader } from './message-reader.ts'
import type { MessageWriter } from './message-writer.ts'

/** Reads and writes one type in one version. */
export interface Codec<T = unknown> {
  read(reader: MessageReader): T
  write(writer: MessageWriter, value: T): void
  /** The size of the shortest value. */
  readonly leastBytes: number
  /** The default value of the type. */
  empty(): T
  isEmpty(value: T): boolean
}

/**
 * The form of a message: its version, and whether lengths are compact and structures end with tagged fields (KIP-482).
 */
export interface Form {
  readonly version: number
  readonly isFlexible: boolean
}
