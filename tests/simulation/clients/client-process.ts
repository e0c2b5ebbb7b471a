import { http, intercept, KafkaError, type Random, type Runtime, seededRandom, type Transport } from '@kafkado/core'
import { sleep } from '@kafkado/core/internal'
import type { EventContent } from '../history/history-event.ts'
import type { Outcome } from '../history/record-events.ts'
import type { ClientPlan } from '../plan/client-plans.ts'
import { ClientLink } from '../world/client-link.ts'
import { clientWitness, type WitnessedConsumer } from '../world/client-witness.ts'
import { nameOf } from '../world/engine-witness.ts'
import { type Fault, RequestFaults } from '../world/faults.ts'
import { httpNetwork } from '../world/http-network.ts'
import { letterWitness } from '../world/letter-witness.ts'
import { NetworkWay } from '../world/network-way.ts'
import { ProcessClock } from '../world/process-clock.ts'
import { seedOf } from '../world/seeds.ts'
import type { World } from '../world/world.ts'

const hourMs = 3_600_000
const jumps = [-hourMs, hourMs, -3000, 3000]

/** One life of a client: its clock, its chance, its way to the server, and what the history hears of it. */
export class ClientProcess {
  readonly name: string
  readonly clock: ProcessClock
  readonly random: Random
  readonly runtime: Runtime
  readonly way: NetworkWay
  readonly transport: Transport
  readonly world: World
  readonly #consumers = new Map<string, WitnessedConsumer>()

  /** @param life how many lives the client had before */
  constructor(world: World, plan: ClientPlan, life: number) {
    const { history, server, time } = world
    this.world = world
    this.name = life === 0 ? plan.name : `${plan.name}.${life}`
    this.clock = new ProcessClock(time, world.originMs + plan.clockMs, plan.clockRate)
    const seedFor = (what: string): number => seedOf(world.plan.seed, `${this.name} ${what}`)
    this.random = seededRandom(seedFor('chance'))
    this.runtime = { clock: this.clock, random: seededRandom(seedFor('runtime')) }
    const faults = new RequestFaults(this.name, world.plan, seedFor('faults'))
    this.way = new NetworkWay(this.name, history, time, this.clock, seededRandom(seedFor('way')), faults, plan.travel)
    this.way.onFault = (fault) => this.#jump(fault, plan.jumpRate)
    const { timeoutMs } = plan
    const toServer =
      plan.transport === 'http'
        ? http({
            url: 'http://kafkado.test',
            fetch: httpNetwork(server, this.way),
            runtime: this.runtime,
            timeout: timeoutMs,
          })
        : new ClientLink(server, this.way, timeoutMs)
    const deadTopics = new Set(world.plan.topics.flatMap((one) => (one.isForDeadLetters ? [one.topic] : [])))
    this.transport = intercept(
      toServer,
      clientWitness(this.name, history, world.counters, (group) => this.#consumers.get(group)),
      ...(deadTopics.size === 0 ? [] : [letterWitness(this.name, history, deadTopics)]),
    )
  }

  /** Somebody sets its time of day soon after something went wrong, when it waits for the next attempt. */
  #jump({ choice, delayMs }: Fault, rate: number): void {
    if ((choice * 997) % 1 >= rate) return
    const byMs = jumps[Math.floor(((choice * 7919) % 1) * jumps.length)] ?? 0
    this.world.time.schedule(delayMs % 60, () => {
      this.clock.adjust(byMs)
      this.tell({ type: 'clock-set', clock: this.name, byMs })
    })
  }

  /** Says whose requests for a group these are. */
  witness(group: string, consumer: WitnessedConsumer): void {
    this.#consumers.set(group, consumer)
  }

  tell(content: EventContent): void {
    this.world.history.add(this.name, content)
  }

  /** What the server's clock says, for the history alone. */
  get serverTime(): { readonly serverMs: number } {
    return { serverMs: this.world.server.timeOfDayMs }
  }

  /** Waits for up to so long. */
  pause(upToMs: number): Promise<void> {
    return sleep(this.clock, this.random.next() * upToMs)
  }

  chance(rate: number): boolean {
    return this.random.next() < rate
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random.next() * list.length)] as T
  }

  /** What is told of a call that failed. What is no KafkaError is nothing that a caller could understand. */
  failure(error: unknown): { readonly outcome: Outcome; readonly error: string } {
    if (KafkaError.is(error)) return { outcome: error.outcome, error: nameOf(error) }
    this.tell({ type: 'unhandled-rejection', error: `no KafkaError: ${stackOf(error)}` })
    return { outcome: 'unknown', error: nameOf(error) }
  }

  /** Closes a part of the client, and tells how that went. */
  async closing(what: string, closeTimeoutMs: number, close: () => Promise<void>): Promise<void> {
    this.tell({ type: 'close', what, closeTimeoutMs })
    try {
      await close()
      this.tell({ type: 'closed', what })
    } catch (error) {
      this.tell({ type: 'closed', what, error: nameOf(error) })
    }
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 4).join(' | ') : String(error)
}
