import type { EmbeddedOptions, EmbeddedTransport } from '@kafkado/broker'
import { type Storage, withStorage } from '@kafkado/broker/storage'
import { seededRandom } from '@kafkado/core'
import { ManualClock } from '@kafkado/core/internal'
import { Harness, TestProducer } from '@kafkado/testing/conformance'
import { PoisoningStorage } from './poisoning-storage.ts'

/** An engine on a clock moved by the test, and on a storage that outlives it. */
export class EngineUnderTest {
  readonly clock = new ManualClock()
  readonly storage: Storage
  readonly #options: EmbeddedOptions
  #restarts = 0
  transport: EmbeddedTransport
  harness: Harness

  constructor(options: EmbeddedOptions = {}, storage: Storage = new PoisoningStorage()) {
    this.storage = storage
    this.#options = { runtime: { clock: this.clock, random: seededRandom(1) }, ...options }
    this.transport = withStorage(storage, this.#options)
    this.harness = new Harness(this.transport, 'engine')
  }

  /** Starts a new engine on the same storage. */
  async restart(): Promise<void> {
    await this.transport.close()
    this.transport = withStorage(this.storage, this.#options)
    this.harness = new Harness(this.transport, `engine-${++this.#restarts}`)
    await this.transport.open()
  }

  producer(transactionalId?: string, transactionTimeoutMs = 60_000): Promise<TestProducer> {
    return new TestProducer(this.harness, transactionalId).init({ transactionTimeoutMs })
  }
}
