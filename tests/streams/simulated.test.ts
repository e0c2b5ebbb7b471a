import { memory } from '@kafkado/broker'
import { DisconnectedError, KafkaError, type Runtime, type Transport } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { createStreamsBuilder, type StreamsApp } from '@kafkado/streams'
import { beforeAll, expect, it } from 'vitest'
import { input, output, records, Simulation, type SimulatedProcess } from '../exactly-once/simulation.ts'

const runs = Number(process.env['KAFKADO_FAULT_RUNS'] ?? (process.env['CI'] ? 100 : 10))
const firstSeed = Number(process.env['KAFKADO_FAULT_SEED'] ?? 1)
const keys = 7

/** What has gone wrong in a way that no service could go on after. */
const failures: unknown[] = []

/** A member of an application that sums by key, started again as long as what fails may go right the next time. */
class Summing implements SimulatedProcess {
  readonly #runtime: Runtime
  readonly #closing = new AbortController()
  readonly #running: Promise<void>

  constructor(transport: Transport, runtime: Runtime) {
    this.#runtime = runtime
    this.#running = this.#run(transport)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  async #run(transport: Transport): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        const app = await this.#start(transport)
        const error = await new Promise<unknown>((resolve) => {
          app.on('error', (failed) => resolve(failed.error))
          this.#closing.signal.addEventListener('abort', () => resolve(undefined))
          if (this.#closing.signal.aborted) resolve(undefined)
        })
        // An engine in the same process that is closed is the end of all that use it; whoever starts it again starts them too.
        if (error !== undefined && !DisconnectedError.is(error)) failures.push(error)
        await app.close()
      } catch (error) {
        // What prepares a start is not asked again by itself.
        if (!KafkaError.is(error)) failures.push(error)
        await sleep(this.#runtime.clock, 200)
      }
    }
  }

  #start(transport: Transport): Promise<StreamsApp> {
    const s = createStreamsBuilder(transport, {
      application: 'sums',
      guarantee: 'exactly-once',
      runtime: this.#runtime,
      consumer: { sessionTimeout: '3s', heartbeatInterval: 500, rebalanceTimeout: '2s', fetchMaxWaitMs: 100 },
      producer: { transactionTimeout: '5s', deliveryTimeout: '10s' },
    })
    s.stream<number>(input)
      .groupBy((value) => `sum ${value % keys}`)
      .reduce(0, (sum, value) => sum + value, { name: 'sums' })
      .to(output)
    return s.start()
  }
}

// What is only loaded when it is first needed would take its time while that of the simulation flies.
beforeAll(async () => {
  const transport = memory()
  const s = createStreamsBuilder(transport)
  s.stream('nothing').to('nowhere')
  await (await s.start()).close()
  await transport.close()
})

it(
  `sums by key exactly once through kills, restarts and lost requests: seeds ${firstSeed} to ${firstSeed + runs - 1}`,
  { timeout: runs * 10_000 },
  async () => {
    const expected = new Map<string, number>()
    for (let value = 0; value < records; value++)
      expected.set(`sum ${value % keys}`, (expected.get(`sum ${value % keys}`) ?? 0) + value)
    for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
      const simulation = new Simulation(seed, (transport, _id, runtime) => new Summing(transport, runtime))
      await simulation.run()
      const found = await simulation.outputs<number>()
      await simulation.close()
      // One update for each record, and the last of each key is its sum.
      expect(found.length, `seed ${seed}`).toBe(records)
      expect(new Map(found.map(({ key, value }) => [key, value])), `seed ${seed}`).toEqual(expected)
      expect(failures, `seed ${seed}`).toEqual([])
    }
  },
)
