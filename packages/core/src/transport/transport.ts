import type { AnyOperation, RequestOf, ResponseOf } from '../protocol/operation.ts'
import type { Runtime } from '../runtime/runtime.ts'

export interface SendOptions {
  /** Ends the wait; the promise rejects with the signal's reason. The request may still be carried out. */
  signal?: AbortSignal | undefined
  /**
   * The longest wait for the answer in milliseconds, in addition to any long poll in the request. The transport's own
   * timeout applies if it is shorter.
   */
  timeoutMs?: number | undefined
  /**
   * Lets the request arrive even if the web page that sends it goes away, as long as all such requests together are
   * below 48 KiB. Default false. Set it for last messages of a page. No effect outside of pages. The same as
   * `keepalive` of `fetch`.
   */
  keepalive?: boolean | undefined
  /**
   * Who asks, as a server has authenticated it: the id of an API key. Default: nobody in particular, who may do
   * everything. With it, an embedded engine accepts only producer ids that it gave to the same principal. Other
   * transports ignore it. Kafka: principal.
   */
  principal?: string | undefined
}

/**
 * The interface below every layer: an object that carries out Kafka's operations. Embedded engines, HTTP servers and
 * clusters of brokers implement it.
 *
 * A request that fails as a whole rejects with a KafkaError, even if Kafka's own response has an error code for the
 * whole. A failure of one topic, partition or group is in that element's `errorCode`.
 */
export interface Transport {
  /**
   * Clock and randomness for producers, consumers and streams that use the transport and have none in their
   * configuration. Default: the machine's own.
   */
  readonly runtime?: Runtime | undefined
  send<O extends AnyOperation>(operation: O, request: RequestOf<O>, options?: SendOptions): Promise<ResponseOf<O>>
  /** Ends running requests and frees resources. You may call it more than once. */
  close(): Promise<void>
}

/** Whether the value is a transport, judged by its methods. */
export function isTransport(given: unknown): given is Transport {
  return typeof given === 'object' && given !== null && 'send' in given && 'close' in given
}
