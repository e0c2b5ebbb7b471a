export interface QueryServerOptions {
  /** The port to listen on. Default: any free one. Set it when a firewall or container has to let other members in. */
  port?: number | undefined
  /**
   * The address to listen on. Default `127.0.0.1`: this machine only. Set `0.0.0.0` or an address of the network when
   * members run on several machines, together with `advertisedUrl` and `queryKey`.
   */
  host?: string | undefined
}

/** Answers the queries of other members. */
export interface QueryServer {
  readonly url: string
  close(): Promise<void>
}
