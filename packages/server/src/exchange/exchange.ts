import type { BodyLimit, BodyMeter } from './body-buffer.ts'

/** The bytes that the requests of one connection hold in memory: their bodies, and answers not yet read. */
export interface ConnectionUse {
  heldBytes: number
}

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
  /** The connection it came by, where there are connections. */
  readonly connection: ConnectionUse | undefined
  /** The size of URL and headers together; 0 if an earlier layer has counted them. */
  headerBytes(): number
  /**
   * Reads the whole body. Refuses it as soon as it turns out longer than the limit.
   *
   * @param meter is asked before bytes are kept in memory
   */
  readBody(limit: BodyLimit, meter: BodyMeter): Promise<Uint8Array>
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

/** An answer on its way to the client. */
export interface HeldReply extends Reply {
  /** Call it when the client has the answer or is gone: until then its bytes count as held. */
  readonly release: () => void
}

/** About how much memory the answer takes. */
export function weightOf({ body }: Reply): number {
  return typeof body === 'string' ? body.length : body.reduce((sum, part) => sum + part.length, 0)
}

export function jsonReply(value: unknown): Reply {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}
