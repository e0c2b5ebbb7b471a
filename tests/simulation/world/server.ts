import type { EmbeddedTransport } from '@kafkado/broker'
import { withStorage } from '@kafkado/broker/storage'
import {
  type AnyOperation,
  DisconnectedError,
  intercept,
  type Interceptor,
  type RequestOf,
  type ResponseOf,
  type Runtime,
  seededRandom,
  type Transport,
} from '@kafkado/core'
import { SingleFlight } from '@kafkado/core/internal'
import { createHandler } from '@kafkado/server'
import type { History } from '../history/history.ts'
import type { ServerPlan } from '../plan/plan.ts'
import { diskOf } from './disk-of.ts'
import { EngineWitness } from './engine-witness.ts'
import { LogDirectory } from './log-directory.ts'
import { ProcessClock } from './process-clock.ts'
import { seedOf } from './seeds.ts'
import type { ProcessStorage, ServerDisk } from './server-disk.ts'
import type { VirtualTime } from './virtual-time.ts'

/** One life of the server's process: it ends with a crash or a stop. */
interface Life {
  readonly clock: ProcessClock
  readonly storage: ProcessStorage
  readonly engine: EmbeddedTransport
  readonly atConsole: Transport
  readonly transport: Transport
  readonly handle: (request: Request) => Promise<Response>
  /** Called when it is over, for those that wait for answers. */
  readonly onOver: Set<() => void>
}

/** The server: an engine over a disk that outlives it, with its HTTP face. */
export class Server {
  readonly disk: ServerDisk
  readonly logs: LogDirectory
  readonly #time: VirtualTime
  readonly #plan: ServerPlan
  readonly #seed: number
  readonly #history: History
  readonly #witness: EngineWitness
  #originMs: number
  #life: Life | undefined
  #lives = 0
  #isStopping = false
  #isWanted = false
  /** What happens before the next request of an operation is carried out. */
  readonly #beneath = new Map<string, { readonly act: () => Promise<void>; times: number }>()
  readonly #busy = new SingleFlight()

  constructor(time: VirtualTime, plan: ServerPlan, seed: number, history: History, originMs: number) {
    this.#time = time
    this.#plan = plan
    this.#seed = seed
    this.#history = history
    this.#originMs = originMs
    this.logs = new LogDirectory(history, () => this.timeOfDayMs)
    this.disk = diskOf(plan.storage, this.logs.onKept)
    this.#witness = new EngineWitness(history, this.logs, plan)
  }

  get isUp(): boolean {
    return this.#life !== undefined
  }

  /** Whether its disk has failed, so that it takes no more. */
  get hasFailed(): boolean {
    return this.#life?.storage.hasFailed === true
  }

  /** The event loop of the process that runs, if one does. */
  get clock(): ProcessClock | undefined {
    return this.#life?.clock
  }

  /** What its clock says, or would say if its process were there. */
  get timeOfDayMs(): number {
    return new ProcessClock(this.#time, this.#originMs, this.#plan.clockRate).now()
  }

  /** For whoever looks at the engine from outside of the world. */
  get engine(): Transport {
    if (!this.#life) throw new Error('the server is down')
    return this.#life.engine
  }

  /** Starts a process over what the disk holds. */
  start(): void {
    if (this.#life) return
    // Of two engines over one disk the later would not know what the earlier still writes.
    this.#isWanted = true
    if (this.#isStopping) return
    this.#isWanted = false
    const life = this.#lives++
    const clock = new ProcessClock(this.#time, this.#originMs, this.#plan.clockRate)
    const runtime = { clock, random: seededRandom(seedOf(this.#seed, `server ${life}`)) }
    const storage = this.disk.process(clock, runtime.random, this.#plan)
    const engine = withStorage(storage, { runtime, ...this.#settings })
    const atConsole = intercept(engine, this.#witness.interceptor)
    const transport = intercept(atConsole, this.#waiting)
    const handle = this.#handler(transport, runtime)
    this.#life = { clock, storage, engine, atConsole, transport, handle, onOver: new Set() }
    if (life > 0) this.#history.add('server', { type: 'restart', what: 'server' })
    // A process that cannot open what it finds ends, and is started again.
    engine.open().catch(() => this.#time.schedule(reopeningMs, () => this.#startAgain(storage)))
  }

  #startAgain(storage: ProcessStorage): void {
    if (this.#life?.storage !== storage) return
    this.crash()
    this.start()
  }

  /** The process ends without another word, and with it what was not synced. */
  crash(): void {
    const life = this.#life
    if (!life) return
    this.#witness.crashed()
    this.#history.add('server', { type: 'crash', what: 'server' })
    this.#end(life)
    life.storage.crash()
  }

  /** The process ends as it is meant to. */
  async stop(): Promise<void> {
    const life = this.#life
    if (!life) return
    // Whoever waits sees the connection end; what was asked for may still be carried out.
    this.#cutOff(life)
    this.#isStopping = true
    await life.engine.close()
    this.#isStopping = false
    life.clock.die()
    if (this.#isWanted) this.start()
  }

  setClock(byMs: number): void {
    const serverMs = this.timeOfDayMs
    this.#originMs += byMs
    this.#life?.clock.adjust(byMs)
    this.#history.add('server', { type: 'clock-set', clock: 'server', byMs, serverMs })
  }

  /**
   * Lets something happen each of the next times that a request of an operation comes. It and all that come meanwhile
   * wait, as at a broker that does one thing after another.
   */
  beforeNext(operation: string, times: number, act: () => Promise<void>): void {
    this.#beneath.set(operation, { act, times })
  }

  /** What has not happened beneath a request by now does not. */
  forgetBeneath(): void {
    this.#beneath.clear()
  }

  readonly #waiting: Interceptor = (next) => (operation, request, options) => {
    const beneath = this.#beneath.get(operation.name)
    if (beneath && !this.#busy.present) {
      if (--beneath.times === 0) this.#beneath.delete(operation.name)
      void this.#busy.join(beneath.act)
    }
    return this.#busy.present?.then(() => next(operation, request, options)) ?? next(operation, request, options)
  }

  /** A request that waits for no other arrives from the server's own console. */
  receiveAtConsole<O extends AnyOperation>(operation: O, request: RequestOf<O>): Promise<ResponseOf<O>> {
    return this.#within(({ atConsole }) => atConsole.send(operation, request))
  }

  /** A request of the embedded transport arrives. */
  receive<O extends AnyOperation>(
    operation: O,
    request: RequestOf<O>,
    signal: AbortSignal | undefined,
  ): Promise<ResponseOf<O>> {
    return this.#within(({ transport }) => transport.send(operation, request, { signal }))
  }

  /** A request over HTTP arrives. */
  handle(request: Request): Promise<Response> {
    return this.#within(({ handle }) => handle(request))
  }

  #within<T>(act: (life: Life) => Promise<T>): Promise<T> {
    const life = this.#life
    if (!life) return Promise.reject(refused())
    return new Promise((resolve, reject) => {
      const onOver = (): void => reject(new DisconnectedError('the server has gone down'))
      life.onOver.add(onOver)
      const answered = (settle: () => void): void => {
        life.onOver.delete(onOver)
        settle()
      }
      life.clock.enter(() => {
        act(life).then(
          (answer) => answered(() => resolve(answer)),
          (error: unknown) => answered(() => reject(error as Error)),
        )
      })
    })
  }

  #end(life: Life): void {
    this.#cutOff(life)
    life.clock.die()
  }

  #cutOff(life: Life): void {
    this.#life = undefined
    for (const onOver of life.onOver) onOver()
    life.onOver.clear()
  }

  get #settings() {
    const { sessionTimeoutMs, heartbeatIntervalMs, cleanupIntervalMs } = this.#plan
    return {
      autoCreateTopics: false,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: heartbeatIntervalMs,
      cleanupInterval: cleanupIntervalMs,
      // Clocks are set by days. What was written before a restart looks as old then, and a producer that is forgotten
      // may write twice, as in Kafka.
      producerIdExpiration: '60d' as const,
    }
  }

  #handler(transport: Transport, runtime: Runtime): Life['handle'] {
    const { maxPartitions, maxRequestsInFlight } = this.#plan
    return createHandler(transport, { runtime, limits: { maxPartitions, maxRequestsInFlight } })
  }
}

/** How long it takes until somebody starts a process again that has ended by itself. */
const reopeningMs = 1000

/** Nobody listens where the server was. */
export function refused(): DisconnectedError {
  return new DisconnectedError('no server is there', { outcome: 'failed' })
}
