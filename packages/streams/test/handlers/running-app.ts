import { memory } from '@kafkado/broker'
import type { StreamsApp, StreamsBuilder, StreamsOptions } from '@kafkado/streams'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeEach } from 'vitest'

export type Guarantee = 'at-least-once' | 'exactly-once'

/** The fixtures of a test file. */
export interface RunningApp {
  readonly kafka: KafkaClient
  start(build: (s: StreamsBuilder) => unknown, options: StreamsOptions): Promise<StreamsApp>
}

/** Gives each test its own engine with these topics; ends the engine and the test's application with the test. */
export function appOfEachTest(guarantee: Guarantee, topics: readonly string[]): RunningApp {
  let engine: ReturnType<typeof memory>
  let kafka: KafkaClient
  let app: StreamsApp | undefined

  beforeEach(async () => {
    engine = memory({ heartbeatInterval: 200 })
    kafka = new KafkaClient(engine)
    for (const topic of topics) await kafka.admin.createTopic(topic, { partitions: 1 })
  })

  afterEach(async () => {
    await app?.close()
    app = undefined
    await kafka.close()
    await engine.close()
  })

  return {
    get kafka() {
      return kafka
    },
    async start(build, options) {
      const s = kafka.streams({ application: 'app', guarantee, commitInterval: 20, ...options })
      build(s)
      app = await s.start()
      return app
    },
  }
}
