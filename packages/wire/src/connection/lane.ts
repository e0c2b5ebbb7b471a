import { DisconnectedError } from '@kafkado/core'
import type { BrokerConnection } from './broker-connection.ts'

export type OpenConnection = () => Promise<BrokerConnection>

/**
 * Connections to one broker for one kind of request. A broker answers a connection's requests one by one, so slow
 * requests have their own lane.
 */
export interface Lane {
  /**
   * Sends over a connection of the lane.
   *
   * @param key requests with the same key use the same connection, so that they arrive in order
   */
  run<T>(use: (connection: BrokerConnection) => Promise<T>, key?: string | number): Promise<T>
  /** Closes connections that were not used since. @returns how many remain */
  closeIdle(sinceMs: number): number
  /** Closes each connection when its running requests are answered. Refuses waiting requests. */
  retire(): void
  /** Closes all connections, including one that is being opened. Refuses waiting requests. */
  close(): Promise<void>
}

/** A request that waits for a connection. */
export interface Waiting {
  send(connection: BrokerConnection): Promise<unknown>
  refuse(error: unknown): void
}

/** Puts a request into a queue; returns the promise of its answer. */
export function enqueue<T>(queue: Waiting[], use: (connection: BrokerConnection) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    queue.push({
      refuse: reject,
      send: async (connection) => {
        try {
          resolve(await use(connection))
        } catch (error) {
          reject(error as Error)
        }
      },
    })
  })
}

export function laneClosed(): DisconnectedError {
  return new DisconnectedError('the connections to the broker were closed', { outcome: 'failed' })
}
