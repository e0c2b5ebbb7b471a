import { createStreamsBuilder, type StreamsApp, type StreamsBuilder } from '@kafkado/streams'
import type { StreamsPlan } from '../plan/client-plans.ts'
import type { Application } from './application.ts'
import type { ClientProcess } from './client-process.ts'
import { textTopic } from './text-topic.ts'

/** A member of a streams application, started again as often as something ends it. */
export class StreamingClient implements Application {
  readonly done: Promise<void> = Promise.resolve()
  readonly #process: ClientProcess
  readonly #plan: StreamsPlan
  readonly #closing = new AbortController()
  readonly #running: Promise<void>

  constructor(process: ClientProcess, plan: StreamsPlan) {
    this.#process = process
    this.#plan = plan
    const { pipeline, application: group, input, output, guarantee, transform } = plan
    const keepsTraits = transform === 'copy'
    process.tell({ type: 'pipeline', pipeline, group, input, output, guarantee, transform, keepsTraits })
    this.#running = this.#run()
  }

  async close(): Promise<void> {
    this.#process.tell({ type: 'began', what: 'end of streaming' })
    this.#closing.abort()
    await this.#running
    this.#process.tell({ type: 'finished', what: 'end of streaming', outcome: 'ok' })
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        const app = await this.#start()
        const error = await this.#ended(app)
        if (error !== undefined) this.#note(error)
        await this.#process.closing('application', this.#plan.closeTimeoutMs, () => app.close())
      } catch (error) {
        // What prepares a start is not asked again by itself.
        this.#note(error)
        await this.#process.pause(300)
      }
    }
  }

  /** Resolves with what has ended the application, or with nothing when it is to be closed. */
  #ended(app: StreamsApp): Promise<unknown> {
    return new Promise((resolve) => {
      app.on('error', ({ error }) => resolve(error))
      const { signal } = this.#closing
      signal.addEventListener('abort', () => resolve(undefined))
      if (signal.aborted) resolve(undefined)
    })
  }

  #note(error: unknown): void {
    const { outcome, error: reason } = this.#process.failure(error)
    this.#process.tell({ type: 'note', text: `the application ended (${outcome}): ${reason}` })
  }

  #start(): Promise<StreamsApp> {
    const { application, guarantee, closeTimeoutMs, transactionTimeoutMs, deliveryTimeoutMs } = this.#plan
    const { sessionTimeoutMs, heartbeatIntervalMs, rebalanceTimeoutMs, fetchMaxWaitMs } = this.#plan
    const s = createStreamsBuilder(this.#process.transport, {
      application,
      guarantee,
      runtime: this.#process.runtime,
      closeTimeout: closeTimeoutMs,
      consumer: {
        sessionTimeout: sessionTimeoutMs,
        heartbeatInterval: heartbeatIntervalMs,
        rebalanceTimeout: rebalanceTimeoutMs,
        fetchMaxWaitMs,
      },
      producer: { transactionTimeout: transactionTimeoutMs, deliveryTimeout: deliveryTimeoutMs },
    })
    this.#build(s)
    return s.start()
  }

  #build(s: StreamsBuilder): void {
    const { transform, isRepartitioned, pipeline } = this.#plan
    const input = s.stream(textTopic(this.#plan.input))
    const output = textTopic(this.#plan.output)
    if (transform === 'copy') {
      const copied = input.mapValues((value) => `${pipeline}:${value}`)
      if (isRepartitioned)
        copied
          .map((value) => value)
          .repartition({ name: 'spread' })
          .to(output)
      else copied.to(output)
      return
    }
    const grouped = isRepartitioned ? input.groupBy((_, key) => key) : input.groupByKey()
    grouped
      .count({ name: 'counts' })
      .toStream()
      .mapValues((count, key) => `${pipeline}:${key}:${count}`)
      .to(output)
  }
}
