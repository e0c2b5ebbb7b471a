import { DisconnectedError } from '@kafkado/core'
import type { BrokerConnection } from './broker-connection.ts'

export type OpenConnection = () => Promise<BrokerConnection>

/**
 * Connections to one broker for one kind of request. A broker answers a connection's requests one by one, so what may
 * wait has its own.
 */
export interface Lane {
  /**
   * Sends over a connection of the lane.
   *
   * @param key requests of the same key take the same connection, so that they arrive in the order in which they are
   * sent
   */
  run<T>(use: (connection: BrokerConnection) => Promise<T>, key?: string | number): Promise<T>
  /** Closes what has not been used since. @returns how many connections are left */
  closeIdle(sinceMs: number): number
  /** Closes each connection when what is under way on it is answered. Who waits for one is refused. */
  retire(): void
  /** Closes all connections, also one that is just being made. Who waits for one need not. */
  close(): Promise<void>
}

/** A request that waits for a connection. */
export interface Waiting {
  send(connection: BrokerConnection): Promise<unknown>
  refuse(error: unknown): void
}

/** Puts a request into a queue; the promise is that of its answer. */
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
