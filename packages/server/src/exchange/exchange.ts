import type { BodyLimit } from './body-buffer.ts'
/**
 * One HTTP request as the server sees it, whatever brought it here: a `Request` of the fetch standard or a request of
 * node:http. Both faces only translate; everything that is decided is decided once, behind this interface.
 */
export interface Exchange {
  readonly method: string
  /** The path as it was sent, without the query and without any decoding. */
  readonly path: string
  /** What follows the question mark; empty without one. */
  readonly query: string
  /** @param name in lower case */
  header(name: string): string | undefined
  /** The size of URL and headers together; 0 where something before this has counted them already. */
  headerBytes(): number
  /**
   * Reads the whole body. Refuses it as soon as it is known to be longer than the limit, and calls `reserve` with each
   * number of bytes before it keeps them in memory.
   */
  readBody(limit: BodyLimit, reserve: (bytes: number) => void): Promise<Uint8Array>
  /** Gives up a body that is being read. */
  stopReading(): void
  /** Calls the listener when the client goes away before it has its answer. */
  onDisconnect(listener: () => void): void
}

/** An answer, as parts that are written one after the other, so that record batches are never copied together. */
export interface Reply {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string | readonly Uint8Array[]
}

export function jsonReply(value: unknown): Reply {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}
