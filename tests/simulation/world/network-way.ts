import type { Random, Timer } from '@kafkado/core'
import { queueMicrotask } from '@kafkado/core/internal'
import type { History } from '../history/history.ts'
import type { Travel } from '../plan/client-plans.ts'
import type { Fault, RequestFaults } from './faults.ts'
import type { ProcessClock } from './process-clock.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Whether requests arrive: they do, nobody is there, or nobody answers. */
export type WayState = 'open' | 'refusing' | 'silent'

/** How many milliseconds a message takes at most when nothing is wrong. */
const usualMs = 4
/** How long answers that arrive together are collected at most. */
const collectedMs = 30
/** How many turns of microtasks a message takes at most that takes no time. */
const mostTurns = 12

/** What lies between one client process and the server. */
export class NetworkWay {
  readonly clock: ProcessClock
  state: WayState = 'open'
  /** Whether requests go wrong by themselves. */
  isFaulty = true
  /** When the last of the late messages to the server arrives; in the time of the world. */
  lastArrivalMs = 0
  /** Called when something is to go wrong. */
  onFault: ((fault: Fault) => void) | undefined
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #faults: RequestFaults
  readonly #process: string
  readonly #history: History
  readonly #travel: Travel
  /** Answers that arrive in the same turn of the event loop: when there are so many, or when the time is over. */
  readonly #together: (() => void)[] = []
  #companions = 0
  #collecting: Timer | undefined

  constructor(
    process: string,
    history: History,
    time: VirtualTime,
    clock: ProcessClock,
    random: Random,
    faults: RequestFaults,
    travel: Travel,
  ) {
    this.#process = process
    this.#history = history
    this.#time = time
    this.clock = clock
    this.#random = random
    this.#faults = faults
    this.#travel = travel
  }

  /** What is to go wrong with the next request. */
  fault(operation: string): Fault | undefined {
    const fault = this.#faults.next()
    if (!fault || !this.isFaulty) return undefined
    this.#history.add(this.#process, { type: 'fault', fault: `${fault.kind} ${fault.name}`, operation })
    this.onFault?.(fault)
    return fault
  }

  /** A message arrives at the server, if the way is open then. */
  there(action: () => void, lateMs = 0): void {
    const arrive = (): void => {
      if (this.state === 'open') action()
    }
    if (this.#travel === 'at once' && lateMs === 0) {
      this.#inSameTurn(arrive)
      return
    }
    const travelMs = Math.ceil(this.#random.next() * usualMs + lateMs)
    this.lastArrivalMs = Math.max(this.lastArrivalMs, this.#time.nowMs + travelMs)
    this.#time.schedule(travelMs, arrive)
  }

  /** A message arrives at the client, if the way is not silent then. */
  back(action: () => void, lateMs = 0): void {
    const arrive = (): void => {
      if (this.state !== 'silent') this.clock.enter(action)
    }
    if (this.#travel === 'apart' || lateMs > 0) this.#time.schedule(this.#random.next() * usualMs + lateMs, arrive)
    else if (this.#travel === 'at once') this.#inSameTurn(arrive)
    else this.#withOthers(arrive)
  }

  /** As on one machine: whoever waits for two things may see both settle in one run of microtasks, in any order. */
  #inSameTurn(arrive: () => void): void {
    let turns = Math.floor(this.#random.next() * mostTurns)
    const next = (): void => {
      if (turns-- > 0) queueMicrotask(next)
      else arrive()
    }
    next()
  }

  /** As several answers that one packet brings: each waits for others, for a while. */
  #withOthers(arrive: () => void): void {
    this.#together.push(arrive)
    if (this.#together.length === 1) {
      this.#companions = 2 + Math.floor(this.#random.next() * 2)
      this.#collecting = this.#time.schedule(this.#random.next() * collectedMs, () => this.#bringAll())
    } else if (this.#together.length >= this.#companions) {
      this.#collecting?.cancel()
      this.#bringAll()
    }
  }

  #bringAll(): void {
    for (const arrive of this.#together.splice(0)) this.#inSameTurn(arrive)
  }
}
