/** What runs in a client's process. */
export interface Application {
  /** Resolves when it has done what it was to do; what reads never does by itself, and so is done at once. */
  readonly done: Promise<void>
  /** Ends what it does as a service would that is told to stop. */
  close(): Promise<void>
}
