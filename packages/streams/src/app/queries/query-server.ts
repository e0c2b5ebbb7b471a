export interface QueryServerOptions {
  /** Default one that is free. */
  port?: number | undefined
  /** Default `127.0.0.1`, which only this machine reaches. */
  host?: string | undefined
}

/** What answers the queries of other members. */
export interface QueryServer {
  readonly url: string
  close(): Promise<void>
}
