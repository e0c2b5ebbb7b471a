/** What may happen in a world, besides what its clients do and what happens to their requests. */
export type WorldAction =
  /** The server's process dies, and is started again. */
  | { readonly kind: 'crash server'; readonly downMs: number }
  /** The server is stopped as it is meant to be, and started again. */
  | { readonly kind: 'restart server'; readonly downMs: number }
  /** The server's event loop stands still. */
  | { readonly kind: 'stall server'; readonly forMs: number }
  /** Requests of one client, or of all without a name, do not arrive. */
  | {
      readonly kind: 'outage'
      readonly client?: string
      readonly state: 'refusing' | 'silent'
      readonly forMs: number
    }
  /** The event loop of a client stands still. */
  | { readonly kind: 'stall client'; readonly client: string; readonly forMs: number }
  /** A client's process is killed, and started again. */
  | { readonly kind: 'kill client'; readonly client: string; readonly downMs: number }
  /** A client is closed, and started again. */
  | { readonly kind: 'close client'; readonly client: string; readonly downMs: number }
  /** A time of day is set: that of a client, or the server's without a name. */
  | { readonly kind: 'set clock'; readonly client?: string; readonly byMs: number }
  /** The next sync takes so long. */
  | { readonly kind: 'stall disk'; readonly forMs: number }
  /** The next sync or write fails; after a while the server is started again. */
  | { readonly kind: 'fail disk'; readonly how: 'sync' | 'write'; readonly downMs: number }
  /** There is no more room, for a while. */
  | { readonly kind: 'fill disk'; readonly forMs: number }
  /** The next read of a log finds a wrong bit. */
  | { readonly kind: 'misread disk' }
  | {
      readonly kind: 'create topic'
      readonly topic: string
      readonly partitions: number
      readonly configs: Readonly<Record<string, string>>
    }
  | { readonly kind: 'delete topic'; readonly topic: string }
  /** Deleted and made again under its name; beneath an operation: so often, each time while a request of it waits. */
  | {
      readonly kind: 'recreate topic'
      readonly topic: string
      readonly afterMs: number
      readonly beneath?: string
      readonly times?: number
    }
  | { readonly kind: 'extend topic'; readonly topic: string; readonly partitions: number }
  | { readonly kind: 'configure topic'; readonly topic: string; readonly configs: Readonly<Record<string, string>> }
  /** Removes the first part of each log. */
  | { readonly kind: 'delete records'; readonly topic: string; readonly part: number }
  | {
      readonly kind: 'reset group'
      readonly group: string
      readonly topic: string
      readonly to: 'earliest' | 'latest'
    }
  | { readonly kind: 'delete group'; readonly group: string }
  | { readonly kind: 'abort transaction'; readonly transactionalId: string }
