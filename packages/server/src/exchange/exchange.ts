import type { BodyLimit } from './body-buffer.ts'
/**
 * One HTTP request as the server sees it: a `Request` of the fetch standard or a request of node:http. Both
 * implementations only translate; every decision is made once, behind this interface.
 */
export interface Exchange {
  readonly method: string
  /** The path as sent, without the query and undecoded. */
  readonly path: string
  /** The part after the question mark; empty without one. */
  readonly query: string
  /** The address that the connection comes from, if the runtime tells. */
  readonly address: string | undefined
  /** @param name in lower case */
  header(name: string): string | undefined
  /** The size of URL and headers together; 0 if an earlier layer has counted them. */
  headerBytes(): number
  /**
   * Reads the whole body. Refuses it as soon as it turns out longer than the limit. Calls `reserve` with each number of
   * bytes before it keeps them in memory.
   */
  readBody(limit: BodyLimit, reserve: (bytes: number) => void): Promise<Uint8Array>
  /** Stops reading the body. */
  stopReading(): void
  /** Calls the listener when the client disconnects before it has its answer. */
  onDisconnect(listener: () => void): void
}

/** An answer as parts, which are written one after the other. Record batches are never copied together. */
export interface Reply {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string | readonly Uint8Array[]
}

export function jsonReply(value: unknown): Reply {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}
