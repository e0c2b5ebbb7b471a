import type { AnyOperation, RequestOf, ResponseOf } from '../protocol/operation.ts'
import type { Runtime } from '../runtime/runtime.ts'

export interface SendOptions {
  /** Gives up waiting; the promise rejects with the signal's reason. What was sent may still be carried out. */
  signal?: AbortSignal | undefined
  /**
   * How long to wait for the answer at most in milliseconds, besides any long poll the request asks for. The
   * transport's own timeout counts where it is shorter.
   */
  timeoutMs?: number | undefined
  /**
   * Lets the request arrive although the web page that sends it goes away meanwhile, as long as what is sent so at the
   * same time is below 48 KiB. Default false. It makes no difference outside of pages. The same as `keepalive` of
   * `fetch`.
   */
  keepalive?: boolean | undefined
}

/**
 * The seam that every layer stands on: something that carries out Kafka's operations. An embedded engine, an HTTP
 * server and a cluster of brokers are the implementations.
 *
 * A request that fails as a whole rejects with a KafkaError, also where Kafka's own response has an error code for
 * all of it. What fails for one topic, partition or group answers with that element's `errorCode`.
 */
export interface Transport {
  /**
   * Time and chance for producers, consumers and streams that use the transport and are configured with none. Default:
   * the machine's own.
   */
  readonly runtime?: Runtime | undefined
  send<O extends AnyOperation>(operation: O, request: RequestOf<O>, options?: SendOptions): Promise<ResponseOf<O>>
  /** Ends what is under way and frees what is held. May be called more than once. */
  close(): Promise<void>
}

/** Whether it is one, by the methods that every transport has. */
export function isTransport(given: unknown): given is Transport {
  return typeof given === 'object' && given !== null && 'send' in given && 'close' in given
}
