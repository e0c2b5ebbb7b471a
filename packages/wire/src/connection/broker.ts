import { DisconnectedError, type Runtime, TimeoutError, type Timer } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { type BrokerAddress, showAddress } from '../settings/broker-address.ts'
import type { ApiVersion } from '@kafkado/messages'
import type { WireSettings } from '../settings/wire-options.ts'
import { BrokerConnection } from './broker-connection.ts'
import type { Asker } from './asker.ts'
import { ExclusiveLane } from './exclusive-lane.ts'
import type { Lane } from './lane.ts'
import { SharedLane } from './shared-lane.ts'

/** The kinds of connections that requests use. */
export type LaneName = 'longPolls' | 'produce' | 'coordinators' | 'general'

export interface RequestOptions {
  readonly lane?: LaneName
  /** Requests with the same key arrive in order. */
  readonly orderKey?: string | number | undefined
  /** False for a produce without acknowledgement. */
  readonly answered?: boolean
  /** A feature that the cluster must have enabled: its name, the level needed, and what needs it. */
  readonly feature?: readonly [name: string, level: number, what: string]
}

/** One broker of the cluster, with all connections to it. */
export class Broker {
  readonly address: BrokerAddress
  readonly #settings: WireSettings
  readonly #closing: AbortSignal
  readonly #runtime: Runtime
  readonly #lanes: Record<LaneName, Lane>
  #throttledUntilMs = 0
  #sweep: Timer | undefined
  #isClosed = false

  /** @param closing aborts when the transport is closed */
  constructor(address: BrokerAddress, settings: WireSettings, closing: AbortSignal) {
    this.address = address
    this.#closing = closing
    this.#settings = settings
    this.#runtime = settings.runtime
    const open = (): Promise<BrokerConnection> => this.#open()
    this.#lanes = {
      longPolls: new ExclusiveLane(open, settings.maxLongPolls),
      produce: new SharedLane(open, 4),
      coordinators: new SharedLane(open, 2),
      general: new SharedLane(open, 2),
    }
  }

  /**
   * Asks the broker. Refusals of partitions or groups are in the response.
   *
   * @throws DisconnectedError, TimeoutError, UnauthorizedError, KafkaError UNSUPPORTED_VERSION
   */
  async ask<Request, Response extends { throttleTimeMs?: number }>(
    api: ApiVersion<Request, Response>,
    request: NoInfer<Request>,
    asker: Asker,
    { lane = 'general', orderKey, answered = true, feature }: RequestOptions = {},
  ): Promise<Response> {
    if (this.#isClosed) throw this.#gone()
    const { clock } = this.#runtime
    // A throttling broker answers at once, and the client has to wait (KIP-219).
    while (this.#throttledUntilMs > clock.monotonic())
      await sleep(clock, this.#throttledUntilMs - clock.monotonic(), asker.signal)
    const response = await this.#lanes[lane].run((connection) => {
      asker.signal.throwIfAborted()
      if (feature) connection.requireFeature(...feature)
      asker.sent()
      return untilTimeout(asker.signal, connection, () => connection.call(api, request, answered))
    }, orderKey)
    const throttleTimeMs = response?.throttleTimeMs ?? 0
    if (throttleTimeMs > 0)
      this.#throttledUntilMs = Math.max(this.#throttledUntilMs, clock.monotonic() + throttleTimeMs)
    return response
  }

  /** The broker has left the cluster: takes no more requests, and closes its connections once they are idle. */
  retire(): void {
    this.#isClosed = true
    this.#sweep?.cancel()
    for (const lane of Object.values(this.#lanes)) lane.retire()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#sweep?.cancel()
    await Promise.all(Object.values(this.#lanes).map((lane) => lane.close()))
  }

  async #open(): Promise<BrokerConnection> {
    const connection = await BrokerConnection.open(this.address, this.#settings, this.#closing)
    if (this.#isClosed) {
      void connection.close()
      throw this.#gone()
    }
    this.#sweep ??= this.#planSweep()
    return connection
  }

  #gone(): DisconnectedError {
    return new DisconnectedError(`the broker ${showAddress(this.address)} has left the cluster`, { outcome: 'failed' })
  }

  #planSweep(): Timer {
    const { clock } = this.#runtime
    const { idleTimeoutMs } = this.#settings
    return clock.schedule(
      idleTimeoutMs,
      () => {
        const sinceMs = clock.monotonic() - idleTimeoutMs
        const left = Object.values(this.#lanes).reduce((sum, lane) => sum + lane.closeIdle(sinceMs), 0)
        this.#sweep = left > 0 && !this.#isClosed ? this.#planSweep() : undefined
      },
      'background',
    )
  }
}

/**
 * A connection with an overdue answer gets no further requests: they would wait behind it, as a broker answers in
 * order.
 */
async function untilTimeout<T>(signal: AbortSignal, connection: BrokerConnection, send: () => Promise<T>): Promise<T> {
  const retire = (): void => {
    if (TimeoutError.is(signal.reason)) connection.retire()
  }
  signal.addEventListener('abort', retire)
  try {
    return await send()
  } finally {
    signal.removeEventListener('abort', retire)
  }
}
