import { DisconnectedError, KafkaError, type KafkaErrorName } from '@kafkado/core'
import { errorOfCode } from '@kafkado/core/internal'
import type { ApiVersion } from '@kafkado/messages'
import { type CoordinatorType, coordinatorType, findCoordinatorApi } from './find-coordinator-api.ts'
import type { WireSettings } from '../settings/wire-options.ts'
import { Broker, type RequestOptions } from '../connection/broker.ts'
import { Call } from './call.ts'
import type { Asker } from '../connection/asker.ts'
import { ClusterUnreachable } from './cluster-unreachable.ts'
import { ClusterMetadata } from './cluster-metadata.ts'
import { OpenFetches } from './open-fetches.ts'
import { type MetadataAnswer, metadataApi } from './metadata-api.ts'

type WithErrorCode = { errorCode?: number; errorMessage?: string | null; throttleTimeMs?: number }

/** The brokers of a cluster. Asks any one of them, a coordinator, or all. */
export class Cluster {
  readonly metadata: ClusterMetadata
  readonly openFetches: OpenFetches
  readonly #settings: WireSettings
  readonly #seeds: readonly Broker[]
  readonly #brokers = new Map<number, Broker>()
  readonly #coordinators = new Map<string, number>()
  /** The calls that any broker could answer, with the broker that each has asked. */
  readonly #asking = new Map<Call, Broker>()
  /** Brokers that somebody waited for in vain. They are asked last, until they answer. */
  readonly #suspects = new Set<Broker>()
  /** The broker, or the given address, that answered last. It is asked first. */
  #lastGood: Broker | undefined

  /** @param closing aborts when the transport is closed */
  constructor(settings: WireSettings, closing: AbortSignal) {
    this.#settings = settings
    this.openFetches = new OpenFetches(closing)
    this.#seeds = settings.brokers.map((address) => new Broker(address, settings, closing))
    this.metadata = new ClusterMetadata(
      (request, call) => this.#askForMetadata(request, call),
      (work) => {
        const call = new Call('metadata', true, settings.timeoutMs, settings.runtime)
        return { answer: call.run(() => work(call), undefined, closing), giveUp: () => this.#suspect(call) }
      },
    )
  }

  /** The ids of the known brokers. */
  get nodeIds(): readonly number[] {
    return [...this.#brokers.keys()]
  }

  /** @throws DisconnectedError when the broker is unknown or cannot be reached */
  ask<Request, Response extends { throttleTimeMs?: number }>(
    nodeId: number,
    api: ApiVersion<Request, Response>,
    request: NoInfer<Request>,
    asker: Asker,
    options?: RequestOptions,
  ): Promise<Response> {
    const broker = this.#brokers.get(nodeId)
    if (broker) return broker.ask(api, request, asker, options)
    return Promise.reject(
      new DisconnectedError(`the cluster has no broker ${nodeId} at the moment`, { outcome: 'failed' }),
    )
  }

  /**
   * Asks any reachable broker.
   *
   * @throws DisconnectedError when none can be reached, or when one may have carried out a request that must not be
   *   repeated
   */
  askAny<Request, Response extends { throttleTimeMs?: number }>(
    api: ApiVersion<Request, Response>,
    request: NoInfer<Request>,
    call: Call,
  ): Promise<Response> {
    return this.#anyBroker(call, call.isRepeatable, (broker) => broker.ask(api, request, call))
  }

  /** As `askAny`, for a request that only reads. It does not affect the outcome of the call. */
  lookUp<Request, Response extends { throttleTimeMs?: number }>(
    api: ApiVersion<Request, Response>,
    request: NoInfer<Request>,
    call: Call,
  ): Promise<Response> {
    const asker = { signal: call.signal, sent: () => undefined }
    return this.#anyBroker(call, true, (broker) => broker.ask(api, request, asker))
  }

  async #anyBroker<T>(call: Call, isRepeatable: boolean, ask: (broker: Broker) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const problems: KafkaError[] = []
      for (const broker of this.#candidates(attempt)) {
        try {
          const response = await this.#watched(call, broker, ask)
          this.#lastGood = broker
          this.#suspects.delete(broker)
          return response
        } catch (error) {
          if (this.#lastGood === broker) this.#lastGood = undefined
          if (!DisconnectedError.is(error) || !error.retriable) throw error
          if (error.outcome !== 'failed' && !isRepeatable) throw error
          problems.push(error)
        }
      }
      if (attempt > this.#settings.retries) throw new ClusterUnreachable(this.#settings.brokers, problems)
      await call.pause(attempt, problems[0])
    }
  }

  /**
   * Asks every broker. Leaves out brokers that cannot be reached, as long as one answers.
   *
   * @throws KafkaError when one of them refuses
   */
  async askAll<Request, Response extends { errorCode: number; throttleTimeMs: number }>(
    api: ApiVersion<Request, Response>,
    request: NoInfer<Request>,
    call: Call,
  ): Promise<{ readonly throttleTimeMs: number; readonly answers: readonly Response[] }> {
    await this.learnBrokers(call)
    const answers = await Promise.allSettled(this.nodeIds.map((nodeId) => this.ask(nodeId, api, request, call)))
    const responses = answers.filter((answer) => answer.status === 'fulfilled').map(({ value }) => value)
    const failure = answers.find((answer) => answer.status === 'rejected')
    if (failure && (responses.length === 0 || !DisconnectedError.is(failure.reason))) throw failure.reason
    for (const { errorCode } of responses) throwRefusal(errorCode)
    return { throttleTimeMs: Math.max(...responses.map(({ throttleTimeMs }) => throttleTimeMs)), answers: responses }
  }

  /**
   * Asks the coordinator of a group or a transactional id, and looks it up again when it has moved.
   *
   * @throws KafkaError with the response's error code, if it has one for the whole
   */
  askCoordinator<Request, Response extends WithErrorCode>(
    type: CoordinatorType,
    key: string,
    api: ApiVersion<Request, Response>,
    request: NoInfer<Request>,
    call: Call,
    options: Pick<RequestOptions, 'feature'> = {},
  ): Promise<Response> {
    return this.coordinated(type, key, call, async (nodeId) => {
      const response = await this.ask(nodeId, api, request, call, { lane: 'coordinators', orderKey: key, ...options })
      throwRefusal(response.errorCode ?? 0, response.errorMessage)
      return response
    })
  }

  /** Lets `once` ask the coordinator, and repeats that while the answer says that the coordinator has moved. */
  coordinated<T>(type: CoordinatorType, key: string, call: Call, once: (nodeId: number) => Promise<T>): Promise<T> {
    return call.retrying(async () => {
      const nodeId = await this.#coordinator(type, key, call)
      try {
        return await once(nodeId)
      } catch (error) {
        // Looking up the coordinator again is cheap, and any error may mean that it has moved.
        if (KafkaError.is(error) && error.retriable) this.#coordinators.delete(`${type}/${key}`)
        throw error
      }
    })
  }

  /** Makes sure that a broker has listed the cluster's brokers. */
  async learnBrokers(call: Call): Promise<void> {
    if (this.#brokers.size === 0) await this.metadata.askFor([], call)
    if (this.#brokers.size === 0)
      throwRefusal('COORDINATOR_NOT_AVAILABLE', 'the broker is just starting and knows no others')
  }

  async close(): Promise<void> {
    await Promise.all([...this.#seeds, ...this.#brokers.values()].map((broker) => broker.close()))
  }

  async #coordinator(type: CoordinatorType, key: string, call: Call): Promise<number> {
    const known = this.#coordinators.get(`${type}/${key}`)
    if (known !== undefined) return known
    const request = { keyType: coordinatorType[type], coordinatorKeys: [key] }
    const { coordinators } = await this.lookUp(findCoordinatorApi, request, call)
    const found = coordinators[0]
    throwRefusal(found?.errorCode ?? 'COORDINATOR_NOT_AVAILABLE', found?.errorMessage)
    const { nodeId } = found as { nodeId: number }
    if (!this.#brokers.has(nodeId)) await this.metadata.askFor([], call)
    this.#coordinators.set(`${type}/${key}`, nodeId)
    return nodeId
  }

  async #askForMetadata(
    request: Parameters<ConstructorParameters<typeof ClusterMetadata>[0]>[0],
    call: Call,
  ): Promise<MetadataAnswer> {
    const answer = await this.lookUp(metadataApi, request, call)
    this.#keepBrokers(answer)
    return answer
  }

  async #watched<T>(call: Call, broker: Broker, ask: (broker: Broker) => Promise<T>): Promise<T> {
    const suspect = (): void => this.#suspect(call)
    this.#asking.set(call, broker)
    call.signal.addEventListener('abort', suspect)
    try {
      return await ask(broker)
    } finally {
      this.#asking.delete(call)
      call.signal.removeEventListener('abort', suspect)
    }
  }

  #suspect(call: Call): void {
    const broker = this.#asking.get(call)
    if (!broker) return
    this.#suspects.add(broker)
    if (this.#lastGood === broker) this.#lastGood = undefined
  }

  #keepBrokers({ brokers }: MetadataAnswer): void {
    // A starting broker does not know the others yet.
    if (brokers.length === 0) return
    const present = new Set(brokers.map(({ nodeId }) => nodeId))
    for (const { nodeId, host, port } of brokers) {
      const known = this.#brokers.get(nodeId)
      if (known && known.address.host === host && known.address.port === port) continue
      known?.retire()
      this.#brokers.set(nodeId, new Broker({ host, port }, this.#settings, this.openFetches.asker.signal))
    }
    for (const [nodeId, broker] of this.#brokers) {
      if (present.has(nodeId)) continue
      this.#brokers.delete(nodeId)
      this.#suspects.delete(broker)
      broker.retire()
    }
  }

  /** The broker that answered last, then the others from a changing start, then the given addresses. */
  #candidates(attempt: number): Broker[] {
    const known = [...this.#brokers.values()]
    const turn =
      known.length === 0
        ? 0
        : (attempt + Math.floor(this.#settings.runtime.random.next() * known.length)) % known.length
    const others = [...known.slice(turn), ...known.slice(0, turn), ...this.#seeds]
    const rank = (broker: Broker): number => (broker === this.#lastGood ? 0 : this.#suspects.has(broker) ? 2 : 1)
    return others.sort((left, right) => rank(left) - rank(right))
  }
}

/** @throws KafkaError unless the code says success */
export function throwRefusal(error: number | KafkaErrorName, errorMessage?: string | null): void {
  if (error !== 0 && error !== 'NONE') throw errorOfCode(error, { detail: errorMessage })
}
