import type { AnyOperation, RequestOf, ResponseOf, SendOptions, Transport } from '@kafkado/core'
import { checkRequest, errorOfCode, EventListeners, refusedArgument } from '@kafkado/core/internal'
import type { EngineSettings } from './settings/engine-options.ts'
import { Engine } from './engine/engine.ts'
import type { EngineEvents } from './engine/engine-events.ts'
import type { Handler } from './handlers/handler.ts'
import * as handled from './handlers/index.ts'
import type { Storage } from './storage/storage.ts'
import { requireOwnProducer } from './transaction/own-producers.ts'

const handlers = new Map<AnyOperation, Handler<AnyOperation>>(
  Object.values(handled).map(({ operation, handle }) => [operation, handle]),
)

/** A single-node Kafka in this process, as a Transport. */
export class EmbeddedTransport implements Transport, AsyncDisposable {
  readonly #settings: EngineSettings
  readonly #makeStorage: () => Storage | Promise<Storage>
  readonly #events = new EventListeners<EngineEvents>('kafkado:engine:', {})
  #opening: Promise<Engine> | undefined
  #opened: Engine | undefined
  #closing: Promise<void> | undefined

  /** @internal use `memory()` or `embedded()` */
  constructor(makeStorage: () => Storage | Promise<Storage>, settings: EngineSettings) {
    this.#makeStorage = makeStorage
    this.#settings = settings
  }

  /**
   * Opens the engine. Without it, the first operation does.
   *
   * @throws StorageError when its folder cannot be opened or is in use
   */
  async open(): Promise<void> {
    await this.#engine()
  }

  async send<O extends AnyOperation>(
    operation: O,
    request: RequestOf<O>,
    { signal, principal }: SendOptions = {},
  ): Promise<ResponseOf<O>> {
    signal?.throwIfAborted()
    if (this.#closing)
      throw errorOfCode(
        'NETWORK_EXCEPTION',
        { detail: 'the engine is closed' },
        { retriable: false, outcome: 'failed' },
      )
    const handler = handlers.get(operation)
    if (!handler)
      throw errorOfCode('UNSUPPORTED_VERSION', {
        detail: `the embedded engine does not know the operation ${operation.name}`,
      })
    checkRequest(operation, request)
    const engine = this.#opened ?? (await this.#engine())
    const carryOut = (): unknown => {
      if (principal !== undefined) requireOwnProducer(engine.producerIds.owners, request, principal)
      return handler(engine, request, signal, principal)
    }
    return (await engine.answer(carryOut, signal)) as ResponseOf<O>
  }

  /**
   * Calls the listener for each such event: `damaged` reports each batch that has changed since it was written.
   *
   * @returns a function that removes the listener
   * @throws InvalidRequestError when there is no such event, or the listener is no function
   */
  on<Name extends keyof EngineEvents>(name: Name, listener: (event: EngineEvents[Name]) => void): () => void {
    if ((name as string) !== 'damaged') throw refusedArgument('on', "must name an event: 'damaged'", name)
    if (typeof listener !== 'function') throw refusedArgument(`on('${name}')`, 'needs a function', listener)
    return this.#events.on(name, listener)
  }

  /** Waits for the writes under way and closes the storage. You may call it more than once. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #engine(): Promise<Engine> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  async #open(): Promise<Engine> {
    const engine = new Engine(await this.#makeStorage(), this.#settings, this.#events)
    await engine.open()
    this.#opened = engine
    return engine
  }

  async #close(): Promise<void> {
    const engine = await this.#opening?.catch(() => undefined)
    await engine?.close()
  }
}
