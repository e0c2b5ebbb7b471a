import { MemoryStorage, withStorage } from '@kafkado/broker/storage'
import { createConsumer } from '@kafkado/consumer'
import {
  intercept,
  type KafkaRecord,
  type Runtime,
  seededRandom,
  type SendOptions,
  TimeoutError,
  type Transport,
} from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import { createProducer } from '@kafkado/producer'
import { Faults, ManualClock } from '@kafkado/testing'

/** What is read and written: the numbers from 0 up, spread over the partitions, and what the processes make of them. */
export const input = 'input'
export const output = 'output'
export const records = 200
const partitions = 3

export interface SimulatedProcess {
  /** Ends it; one that is dead already ends too. */
  close(): Promise<void>
}

/** Starts a process that works on the input until it is closed. Nobody hears any more of one that was killed. */
export type LaunchProcess = (transport: Transport, id: string, runtime: Runtime) => SimulatedProcess

/** Processes that are killed and replaced, on an engine that restarts from what it kept, with requests that go wrong all the while. */
export class Simulation {
  readonly #clock = new ManualClock()
  readonly #random
  readonly #storage = new MemoryStorage()
  readonly #faults
  #engine
  #isUp = true
  readonly #launchProcess: LaunchProcess
  readonly #processes: { id: string; life: { isOver: boolean }; process: SimulatedProcess }[] = []
  kills = 0

  constructor(seed: number, launchProcess: LaunchProcess) {
    this.#launchProcess = launchProcess
    this.#random = seededRandom(seed)
    this.#faults = new Faults(this.#runtime)
    this.#engine = this.#start()
  }

  get #runtime() {
    return { clock: this.#clock, random: this.#random }
  }

  #start() {
    return withStorage(this.#storage, {
      runtime: this.#runtime,
      defaultPartitions: partitions,
      sessionTimeout: '3s',
      heartbeatInterval: 500,
    })
  }

  /** The engine as clients see it: what is asked while it restarts finds nobody, and what a dead client asks arrives no more. */
  #transport(life: { isOver: boolean }): Transport {
    const silence = async (options: SendOptions | undefined): Promise<never> => {
      await sleep(this.#clock, 500, options?.signal)
      throw new TimeoutError('no answer came')
    }
    const toEngine: Transport = {
      send: (operation, request, options) =>
        this.#isUp && !life.isOver ? this.#engine.send(operation, request, options) : silence(options),
      close: () => Promise.resolve(),
    }
    return intercept(
      toEngine,
      (next) => async (operation, request, options) => {
        const answer = await next(operation, request, options)
        return life.isOver ? silence(options) : answer
      },
      this.#faults.interceptor,
    )
  }

  #launch(id: string): void {
    const life = { isOver: false }
    this.#processes.push({ id, life, process: this.#launchProcess(this.#transport(life), id, this.#runtime) })
  }

  async run(): Promise<void> {
    await this.settled(this.#seed())
    this.#faults.atRandom({
      lostRequest: this.#random.next() * 0.05,
      lostAnswer: this.#random.next() * 0.05,
      duplicate: this.#random.next() * 0.05,
      delay: this.#random.next() * 0.2,
      longestDelay: 300,
      error: this.#random.next() * 0.05,
      errors: [
        'NOT_LEADER_OR_FOLLOWER',
        'COORDINATOR_NOT_AVAILABLE',
        'REQUEST_TIMED_OUT',
        'STALE_MEMBER_EPOCH',
        'ILLEGAL_GENERATION',
      ],
    })
    const ids = ['process-0', 'process-1']
    for (const id of ids) this.#launch(id)
    for (let step = 0; step < 40; step++) {
      await this.#clock.advanceAsync(Math.floor(this.#random.next() * 400))
      const what = this.#random.next()
      if (what < 0.25) {
        const id = ids[Math.floor(this.#random.next() * ids.length)] as string
        this.#kill(id)
        this.#launch(id)
      } else if (what < 0.35) await this.#restart()
    }
    this.#faults.clear()
    for (const id of ids) {
      this.#kill(id)
      this.#launch(id)
    }
  }

  /** Nothing of it is heard any more; what it has sent may still arrive. */
  #kill(id: string): void {
    const victim = this.#processes.find((one) => one.id === id && !one.life.isOver)
    if (!victim) return
    victim.life.isOver = true
    this.kills++
  }

  async #restart(): Promise<void> {
    this.#isUp = false
    this.kills++
    await this.settled(this.#engine.close())
    await this.#clock.advanceAsync(Math.floor(this.#random.next() * 800))
    this.#engine = this.#start()
    await this.settled(this.#engine.open())
    this.#isUp = true
  }

  async #seed(): Promise<void> {
    const producer = createProducer<number>(this.#engine, input, { runtime: this.#runtime })
    await producer.sendBatch(
      [...Array(records).keys()].map((value) => ({ value, key: `k${value % 10}`, partition: value % partitions })),
    )
    await producer.close()
  }

  /** What readers of committed records find, once that many are there or time is over. */
  async outputs<V>(): Promise<KafkaRecord<V>[]> {
    const consumer = createConsumer<V>(this.#engine, output, { runtime: this.#runtime, fetchMaxWaitMs: 50 })
    const found: KafkaRecord<V>[] = []
    const reading = (async () => {
      for await (const record of consumer) found.push(record)
    })()
    for (let seconds = 0; seconds < 90 && found.length < records; seconds++) await this.#clock.advanceAsync(1000)
    // Whatever is there twice comes now.
    await this.#clock.advanceAsync('10s')
    await this.settled(consumer.close())
    await this.settled(reading)
    return found
  }

  async close(): Promise<void> {
    await this.settled(Promise.all(this.#processes.map(({ process }) => process.close())))
    await this.settled(this.#engine.close())
  }

  async settled<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const settled = (): void => {
      isSettled = true
    }
    promise.then(settled, settled)
    for (let steps = 0; !isSettled; steps++) {
      if (steps > 3000) throw new Error('it does not end')
      await this.#clock.advanceAsync(100)
    }
    return promise
  }
}
