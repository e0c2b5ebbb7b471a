import type { Application } from '../clients/application.ts'
import { ClientProcess } from '../clients/client-process.ts'
import { launch } from '../clients/launch.ts'
import { History } from '../history/history.ts'
import type { ClientPlan } from '../plan/client-plans.ts'
import type { Plan } from '../plan/plan.ts'
import type { Counters } from './client-witness.ts'
import type { NetworkWay, WayState } from './network-way.ts'
import { Readers } from './readers.ts'
import { Server } from './server.ts'
import { noDiskFaults } from './server-disk.ts'
import { VirtualTime } from './virtual-time.ts'

/** A client that is there, in its present life. */
interface Client {
  readonly plan: ClientPlan
  life: number
  running: { readonly process: ClientProcess; readonly application: Application } | undefined
}

/** A server, clients and what lies between them, in a time of their own. */
export class World {
  readonly plan: Plan
  readonly time = new VirtualTime()
  readonly history: History
  readonly server: Server
  readonly readers: Readers
  readonly counters: Counters = { commits: 0, commitCalls: 0, transactions: new Map() }
  /** The time of day when the world begins. */
  readonly originMs = Date.UTC(2026, 0, 1)
  readonly #clients: Client[]
  /** The ways of all processes, also of those that are gone. */
  readonly #ways: NetworkWay[] = []
  readonly #partitions = new Map<string, number>()
  #isHealed = false
  #isOver = false

  constructor(plan: Plan) {
    this.plan = plan
    this.history = new History(() => this.time.nowMs)
    this.readers = new Readers(this.history)
    this.server = new Server(this.time, plan.server, plan.seed, this.history, this.originMs)
    this.#clients = plan.clients.map((client) => ({ plan: client, life: 0, running: undefined }))
    for (const { topic, partitions } of plan.topics) this.#partitions.set(topic, partitions)
  }

  get isHealed(): boolean {
    return this.#isHealed
  }

  /** How many partitions a topic was made with; what was added later callers need not know. */
  partitionsOf(topic: string): number {
    return this.#partitions.get(topic) ?? 1
  }

  /** When the server has everything that was sent to it late. */
  get lastArrivalMs(): number {
    return Math.max(0, ...this.#ways.map((way) => way.lastArrivalMs))
  }

  get processes(): ClientProcess[] {
    return this.#clients.flatMap(({ running }) => running?.process ?? [])
  }

  processOf(client: string): ClientProcess | undefined {
    return this.#client(client)?.running?.process
  }

  /** Starts a client that is not there, unless all are being ended. */
  launch(name: string): void {
    const client = this.#client(name)
    if (!client || client.running || this.#isOver) return
    const process = new ClientProcess(this, client.plan, client.life++)
    this.#ways.push(process.way)
    if (this.#isHealed) process.way.isFaulty = false
    client.running = { process, application: launch(process, client.plan) }
  }

  /** The client's process ends without another word. What it has sent may still arrive. */
  kill(name: string): void {
    const client = this.#client(name)
    if (!client?.running) return
    const { process } = client.running
    process.tell({ type: 'killed' })
    process.clock.die()
    client.running = undefined
  }

  /** Ends a client as a service ends that is told to stop; it is gone when it has ended. */
  async close(name: string): Promise<void> {
    const client = this.#client(name)
    const running = client?.running
    if (!client || !running) return
    await running.application.close()
    if (client.running !== running) return
    client.running = undefined
    // Nobody waits any more for what it has not come to.
    if (!this.#isOver) running.process.tell({ type: 'killed' })
  }

  setWay(state: WayState, client?: string): void {
    for (const process of this.processes)
      if (client === undefined || process === this.processOf(client)) process.way.state = state
  }

  /** Somebody finds that the disk has failed, and starts the server again. */
  restartFailed(): void {
    if (!this.server.hasFailed) return
    this.server.crash()
    this.server.start()
  }

  /** From now on nothing goes wrong any more, and everybody is there. */
  heal(): void {
    this.#isHealed = true
    this.restartFailed()
    Object.assign(this.server.disk.faults, noDiskFaults)
    for (const { way, clock } of this.processes) {
      way.state = 'open'
      way.isFaulty = false
      clock.goOn()
    }
    this.server.clock?.goOn()
    this.server.start()
    this.server.forgetBeneath()
    this.history.add('world', { type: 'healed' })
    for (const { plan } of this.#clients) this.launch(plan.name)
  }

  /** Those that produce have done what they were to do. */
  async produced(): Promise<void> {
    await Promise.all(this.#clients.flatMap(({ running }) => running?.application.done ?? []))
  }

  async closeAll(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#clients.map(({ plan }) => this.close(plan.name)))
  }

  #client(name: string): Client | undefined {
    return this.#clients.find(({ plan }) => plan.name === name)
  }
}
