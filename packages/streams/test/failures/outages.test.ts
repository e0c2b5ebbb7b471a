import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { memory } from '@kafkado/broker'
import {
  type AnyOperation,
  DisconnectedError,
  intercept,
  seededRandom,
  type SendOptions,
  type Transport,
} from '@kafkado/core'
import type { StreamsApp, StreamsBuilder, StreamsOptions } from '@kafkado/streams'
import { platform } from '@kafkado/streams/internal'
import { ManualClock } from '@kafkado/testing'
import { KafkaClient } from 'kafkado'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { deferred } from '../../../../tests/clients/client-places.ts'
import { SlowDisk } from './slow-storage.ts'

type Outage = 'refused' | 'silent' | 'answers lost'

/** A server that can become unreachable for one client. */
class Outages {
  outage: Outage | undefined
  readonly #waiting: { readonly name: string; readonly seen: () => void }[] = []
  /** Called when a request is on its way. */
  onRequest: ((name: string) => void) | undefined

  constructor(engine: Transport) {
    this.transport = intercept(engine, (next) => async (operation, request, options) => {
      this.onRequest?.(operation.name)
      for (const one of this.#waiting.filter(({ name }) => name === operation.name)) one.seen()
      if (this.outage === 'answers lost' && operation.name !== 'fetch') {
        await next(operation, request, options).catch(() => undefined)
        return this.#lost(operation, options)
      }
      return this.outage ? this.#lost(operation, options) : next(operation, request, options)
    })
  }

  readonly transport: Transport

  #lost(operation: AnyOperation, options: SendOptions | undefined): Promise<never> {
    const error = new DisconnectedError(`${operation.name}: the server is down`, { outcome: 'unknown' })
    if (this.outage === 'refused') return Promise.reject(error)
    // No answer arrives, until the caller gives up.
    return new Promise((_, reject) => {
      const { signal } = options ?? {}
      const giveUp = (): void => reject(signal?.reason as Error)
      if (signal?.aborted) giveUp()
      else signal?.addEventListener('abort', giveUp, { once: true })
      this.#hanging.add(() => reject(error))
    })
  }

  readonly #hanging = new Set<() => void>()

  begin(outage: Outage): void {
    this.outage = outage
  }

  /** The server is back; hanging requests fail, like connections found dead. */
  end(): void {
    this.outage = undefined
    for (const breakOff of this.#hanging) breakOff()
    this.#hanging.clear()
  }
}

const minuteMs = 60_000
const sessionTimeoutMs = 2000

/** The start of the outage: brings the application to that point. */
interface Moment {
  readonly name: string
  readonly run: (run: Run) => Promise<void>
}

const moments: readonly Moment[] = [
  { name: 'between records', run: () => Promise.resolve() },
  ...(['offsetCommit', 'txnOffsetCommit', 'endTxn', 'produce', 'initProducerId', 'fetch'] as const).map(
    (operation) => ({
      name: `at ${operation}`,
      run: async (run: Run) => {
        await run.send()
        await run.atRequest(operation)
      },
    }),
  ),
  {
    name: 'while an asynchronous operator runs',
    run: async (run) => {
      run.gate = deferred()
      await run.send()
      await run.until(() => run.waitsForGate)
    },
  },
  {
    name: 'while another member joins',
    run: async (run) => {
      await run.startOther()
      await run.send()
    },
  },
  {
    name: 'while state is restored',
    run: async (run) => {
      await run.restart('listOffsets')
    },
  },
]

class Run {
  readonly clock = new ManualClock()
  /** The disk takes real time, so with one, the clock runs more slowly. */
  readonly #stepMs: number
  readonly #realLimitMs: number
  readonly #runtime = { clock: this.clock, random: seededRandom(1) }
  readonly #engine = memory({ runtime: this.#runtime, heartbeatInterval: 200, sessionTimeout: '45s' })
  readonly #outages = new Outages(this.#engine)
  readonly #direct = new KafkaClient(this.#engine, this.#runtime)
  readonly #kafka = new KafkaClient(this.#outages.transport, this.#runtime)
  readonly #options: StreamsOptions
  readonly errors: unknown[] = []
  readonly #others: StreamsApp[] = []
  #app: StreamsApp | undefined
  #mustStart = false
  #starting: Promise<void> = Promise.resolve()
  #next = 0
  gate: ReturnType<typeof deferred> | undefined
  waitsForGate = false
  readonly sums = new Map<string, number>()
  results = 0
  readonly #reader = this.#direct.consumer<number>('sums')

  constructor(options: StreamsOptions, isOnDisk: boolean) {
    this.#stepMs = isOnDisk ? 1 : 10
    // The plan is on a real disk in any case. If that disk is slow for a moment, minutes of the clock pass.
    this.#realLimitMs = options.stateDirectory === undefined ? 0 : isOnDisk ? minuteMs : 10_000
    this.#options = {
      application: 'app',
      commitInterval: 50,
      stateFlushInterval: '1s',
      closeTimeout: '10s',
      consumer: {
        sessionTimeout: sessionTimeoutMs,
        heartbeatInterval: 200,
        rebalanceTimeout: '2s',
        fetchMaxWaitMs: 100,
      },
      producer: { lingerMs: 0 },
      ...options,
    }
  }

  get app(): StreamsApp {
    return this.#app as StreamsApp
  }

  async start(): Promise<void> {
    for (const topic of ['in', 'sums']) await this.inTime(this.#direct.admin.createTopic(topic, { partitions: 2 }))
    void this.#read()
    this.#app = await this.inTime(this.#build(this.#kafka).start())
    this.#app.on('error', ({ error }) => this.errors.push(error))
    await this.goesOn()
  }

  #build(kafka: KafkaClient, options: StreamsOptions = {}): StreamsBuilder {
    const s = kafka.streams({ ...this.#options, ...options })
    s.stream<number>('in')
      .mapAsync(async (value) => {
        if (this.gate) {
          this.waitsForGate = true
          await this.gate.promise
        }
        return value
      })
      .groupBy((value) => `k${value % 3}`)
      .reduce(0, (sum, value) => sum + value, { name: 'totals' })
      .to('sums')
    return s
  }

  async #read(): Promise<void> {
    for await (const { key, value } of this.#reader) {
      this.sums.set(key ?? '', value)
      this.results++
    }
  }

  async send(): Promise<void> {
    for (let index = 0; index < 4; index++) {
      const value = this.#next++
      await this.inTime(this.#direct.produce('in', value, { partition: value % 2 }))
    }
  }

  /** Requests sent now have their effect. */
  async goesOn(): Promise<void> {
    await this.inTime(this.#starting)
    if (this.#mustStart) this.#app = await this.inTime(this.#build(this.#kafka).start())
    this.#mustStart = false
    await this.send()
    const expected = this.expected()
    await this.until(() => [...expected].every(([key, sum]) => (this.sums.get(key) ?? 0) >= sum))
  }

  expected(): Map<string, number> {
    const sums = new Map<string, number>()
    for (let value = 0; value < this.#next; value++) sums.set(`k${value % 3}`, (sums.get(`k${value % 3}`) ?? 0) + value)
    return sums
  }

  /**
   * Resolves when a request of the operation is on its way, and starts the outage there. An unused operation means no
   * outage.
   */
  async atRequest(operation: string): Promise<void> {
    let isThere = false
    this.#outages.onRequest = (name) => {
      if (name !== operation) return
      isThere = true
      if (this.#armed) this.#outages.begin(this.#armed)
    }
    const endMs = this.clock.monotonic() + 1000
    await this.until(() => isThere || this.clock.monotonic() > endMs)
    this.#outages.onRequest = undefined
  }

  #armed: Outage | undefined

  async startOther(): Promise<void> {
    const { stateDirectory } = this.#options
    // As if on another machine.
    const folder = stateDirectory === undefined ? {} : { stateDirectory: `${stateDirectory}/other` }
    const app = this.#build(this.#direct, folder).start()
    this.#others.push(await this.inTime(app))
  }

  async restart(operation: string): Promise<void> {
    await this.inTime(this.app.close())
    const starting = this.#build(this.#kafka).start()
    await this.atRequest(operation)
    this.#starting = starting.then(
      (app) => {
        this.#app = app
        app.on('error', ({ error }) => this.errors.push(error))
      },
      () => {
        // The preparation of a start is not repeated automatically.
        this.#mustStart = true
      },
    )
    await this.atRequest(operation)
  }

  async outageAt(moment: Moment, kind: Outage, lastsMs: number): Promise<void> {
    this.#armed = kind
    await moment.run(this)
    this.#outages.begin(kind)
    this.#armed = undefined
    await this.pass(lastsMs)
  }

  heal(): void {
    this.#outages.end()
    this.gate?.resolve(undefined)
    this.gate = undefined
  }

  async pass(ms: number): Promise<void> {
    const endMs = this.clock.monotonic() + ms
    await this.until(() => this.clock.monotonic() >= endMs)
  }

  /** @throws when it is not so within a minute of the clock; with a disk, also by real time */
  async until(isSo: () => boolean): Promise<void> {
    const endMs = this.clock.monotonic() + minuteMs
    const realEndMs = performance.now() + this.#realLimitMs
    while (!isSo()) {
      if (this.clock.monotonic() > endMs && performance.now() > realEndMs)
        throw new Error(`stands still: ${this.#app?.state}, ${String(this.errors[0])}`)
      this.clock.advance(this.#stepMs)
      await turn()
    }
  }

  async inTime<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const settled = (): void => {
      isSettled = true
    }
    promise.then(settled, settled)
    await this.until(() => isSettled)
    return promise
  }

  /** @returns how long the close took by the clock */
  async close(): Promise<number> {
    const beginMs = this.clock.monotonic()
    await this.inTime(this.app.close())
    return this.clock.monotonic() - beginMs
  }

  async end(): Promise<void> {
    this.heal()
    for (const app of [...this.#others, ...(this.#app ? [this.#app] : [])]) await this.inTime(app.close())
    await this.inTime(this.#reader.close())
    await this.inTime(this.#engine.close())
  }
}

// Loads modules in advance: otherwise loading would take time while the clock runs fast.
beforeAll(async () => {
  for (const guarantee of guarantees) {
    const transport = memory()
    const s = new KafkaClient(transport).streams({
      guarantee,
      stateDirectory: await mkdtemp(join(tmpdir(), 'kafkado-')),
    })
    s.stream('nothing').groupByKey().count().to('nowhere')
    await (await s.start()).close()
    await transport.close()
  }
})

const guarantees = ['at-least-once', 'exactly-once'] as const
const outages: readonly Outage[] = ['refused', 'silent', 'answers lost']

/**
 * A disk that takes time by the clock meets cases that a fast one meets once in hundreds of times: the group moves on
 * during a write.
 */
const kinds = ['in memory', 'in a folder', 'on a slow disk'] as const

describe.each(guarantees)('an outage longer than the session, %s', (guarantee) => {
  describe.each(kinds)('state %s', (kept) => {
    let folder: string | undefined
    let run: Run | undefined

    const started = async (): Promise<Run> => {
      folder = kept === 'in memory' ? undefined : await mkdtemp(join(tmpdir(), 'kafkado-outages-'))
      run = new Run({ guarantee, ...(folder === undefined ? {} : { stateDirectory: folder }) }, kept === 'in a folder')
      if (kept === 'on a slow disk') {
        const disk = new SlowDisk(run.clock, seededRandom(1), 12_000)
        vi.spyOn(platform, 'stateStorageIn').mockImplementation((path) => disk.in(path))
      }
      await run.start()
      return run
    }

    afterEach(async () => {
      await run?.end()
      vi.restoreAllMocks()
      // A close ended by its time limit may still be opening a folder for restoration.
      if (folder !== undefined) await rm(folder, { recursive: true, maxRetries: 10 })
    })

    it.each(
      moments.flatMap((moment) => outages.map((outage) => ({ moment, outage, name: `${moment.name}, ${outage}` }))),
    )('$name: it goes on, and close() ends', async ({ moment, outage }) => {
      const one = await started()
      for (const lastsMs of [sessionTimeoutMs * 1.2, sessionTimeoutMs * 3]) {
        await one.outageAt(moment, outage, lastsMs)
        one.heal()
        await one.goesOn()
      }
      expect(one.errors).toEqual([])
      // Nothing is lost, and with exactly once, nothing is there twice.
      if (guarantee === 'exactly-once') expect(one.sums).toEqual(one.expected())
      expect(await one.close()).toBeLessThanOrEqual(10_100)
      expect(one.app.state).toBe('closed')
    })

    it.each(
      moments.flatMap((moment) => outages.map((outage) => ({ moment, outage, name: `${moment.name}, ${outage}` }))),
    )('$name: close() ends in its time while the server is away', async ({ moment, outage }) => {
      const one = await started()
      for (const lastsMs of [0]) {
        await one.outageAt(moment, outage, lastsMs)
        expect(await one.close()).toBeLessThanOrEqual(10_100)
        expect(one.app.state).toBe('closed')
      }
    })
  })
})
