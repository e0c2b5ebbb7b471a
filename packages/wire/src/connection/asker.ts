/** The sender of requests to a broker. */
export interface Asker {
  /** Once it aborts, requests that were not sent yet are dropped. */
  readonly signal: AbortSignal
  /** The request leaves for the broker. */
  sent(): void
}
