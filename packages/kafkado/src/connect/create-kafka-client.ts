import { KafkaClient } from '@kafkado/client'
import type { Transport } from '@kafkado/core'
import { isTransport } from '@kafkado/core/internal'
import { connect, type ConnectionOptions } from './connect.ts'

/** A client connects by a URL, by options, or by any transport. */
export type Connection = string | ConnectionOptions | Transport

/**
 * Makes a client.
 *
 * @param connection `memory:`, `file:FOLDER`, `http(s)://…`, `kafka://BROKERS`, options with such a `url`, or a
 *   transport. Without it, the environment variables `KAFKA_DO_URL` (default https://kafka.do) and `KAFKA_DO_API_KEY`
 *   decide.
 * @throws InvalidRequestError when the URL or an option is not valid, or for `file:` and `kafka:` in a page: they need
 *   folders and sockets
 */
export function createKafkaClient(connection: Connection = {}): KafkaClient {
  if (isTransport(connection)) return new KafkaClient(connection)
  const options = typeof connection === 'string' ? { url: connection } : connection
  return new KafkaClient(connect(options), options.runtime)
}
