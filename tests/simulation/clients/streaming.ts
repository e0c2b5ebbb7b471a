import {
  createStreamsBuilder,
  keyValue,
  type Stream,
  type StreamsApp,
  type StreamsBuilder,
  tumblingWindow,
} from '@kafkado/streams'
import { windowMs } from '../history/pipelines.ts'
import { isPoison } from '../history/poison.ts'
import type { StreamsPlan } from '../plan/client-plans.ts'
import type { Application } from './application.ts'
import type { ClientProcess } from './client-process.ts'
import { textTopic } from './text-topic.ts'

type TextStream = Stream<string | null, string>

/** Windows stay open whatever clocks say. */
const everMs = 1000 * 24 * 3_600_000

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
    const { pipeline, application: group, input, output, guarantee, table, deadTopic } = plan
    // What a processor counts in its store is what count() counts.
    const transform = plan.transform === 'processor' ? 'count' : plan.transform
    process.tell({
      type: 'pipeline',
      pipeline,
      group,
      input,
      output,
      guarantee,
      transform,
      keepsTraits: transform === 'copy',
      ...(table !== undefined && { table }),
      ...(deadTopic !== undefined && { deadTopic }),
    })
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
    const { deadTopic } = this.#plan
    const { sessionTimeoutMs, heartbeatIntervalMs, rebalanceTimeoutMs, fetchMaxWaitMs } = this.#plan
    const s = createStreamsBuilder(this.#process.transport, {
      application,
      guarantee,
      runtime: this.#process.runtime,
      closeTimeout: closeTimeoutMs,
      ...(deadTopic !== undefined && { onError: { processing: { deadLetter: deadTopic } } }),
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
    const input = this.#input(s)
    const output = textTopic(this.#plan.output)
    const { pipeline, isRepartitioned } = this.#plan
    switch (this.#plan.transform) {
      case 'copy':
        this.#spread(input.mapValues((value) => `${pipeline}:${value}`)).to(output)
        break
      case 'count':
        this.#grouped(input)
          .count({ name: 'counts' })
          .toStream()
          .mapValues((count, key) => `${pipeline}:${key}:${count}`)
          .to(output)
        break
      case 'windows':
        this.#grouped(input)
          .window(tumblingWindow(windowMs, { grace: everMs }))
          .count({ name: 'counts' })
          .toStream()
          .map((count, { key, start }) => keyValue(key, `${pipeline}:${key}@${start}:${count}`))
          .to(output)
        break
      case 'processor':
        this.#counted(isRepartitioned ? this.#spread(input) : input).to(output)
        break
      case 'join': {
        const rows = s.table(textTopic(this.#plan.table ?? ''), { name: 'rows' })
        input
          .leftJoin(rows)
          .mapValues((value, row) => `${pipeline}:${value}:${row ?? '-'}`)
          .to(output)
      }
    }
  }

  /** Some of it cannot be processed, where there is a topic for that. */
  #input(s: StreamsBuilder): TextStream {
    const input = s.stream(textTopic(this.#plan.input))
    if (this.#plan.deadTopic === undefined) return input
    return input.peek((value) => {
      if (isPoison(value)) throw new Error('poison')
    })
  }

  #grouped(input: TextStream) {
    return this.#plan.isRepartitioned ? input.groupBy((_, key) => key) : input.groupByKey()
  }

  #spread(input: TextStream): TextStream {
    if (!this.#plan.isRepartitioned) return input
    return input.map((value) => value).repartition({ name: 'spread' })
  }

  /** Counts in a store of its own. */
  #counted(input: TextStream): TextStream {
    const { pipeline } = this.#plan
    return input.process<string | null, string>(
      (context) => {
        const counts = context.store<string, number>('counts')
        return (_, key) => {
          if (key === null) return
          const count = (counts.get(key) ?? 0) + 1
          counts.put(key, count)
          context.forward(key, `${pipeline}:${key}:${count}`)
        }
      },
      { stores: { counts: {} } },
    )
  }
}
