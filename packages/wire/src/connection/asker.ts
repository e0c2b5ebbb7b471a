/** Whoever has a broker asked. */
export interface Asker {
  /** What is not sent yet when it aborts need not be. */
  readonly signal: AbortSignal
  /** The request leaves for the broker. */
  sent(): void
}
