import type { Random } from '@kafkado/core'
import type { History } from '../history/history.ts'
import type { Fault, RequestFaults } from './faults.ts'
import type { ProcessClock } from './process-clock.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Whether requests arrive: they do, nobody is there, or nobody answers. */
export type WayState = 'open' | 'refusing' | 'silent'

/** How many milliseconds a message takes at most when nothing is wrong. */
const usualMs = 4

/** What lies between one client process and the server. */
export class NetworkWay {
  readonly clock: ProcessClock
  state: WayState = 'open'
  /** Whether requests go wrong by themselves. */
  isFaulty = true
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #faults: RequestFaults
  readonly #process: string
  readonly #history: History

  constructor(
    process: string,
    history: History,
    time: VirtualTime,
    clock: ProcessClock,
    random: Random,
    faults: RequestFaults,
  ) {
    this.#process = process
    this.#history = history
    this.#time = time
    this.clock = clock
    this.#random = random
    this.#faults = faults
  }

  /** What is to go wrong with the next request. */
  fault(operation: string): Fault | undefined {
    const fault = this.#faults.next()
    if (!fault || !this.isFaulty) return undefined
    this.#history.add(this.#process, { type: 'fault', fault: `${fault.kind} ${fault.name}`, operation })
    return fault
  }

  /** A message arrives at the server, if the way is open then. */
  there(action: () => void, lateMs = 0): void {
    this.#time.schedule(this.#random.next() * usualMs + lateMs, () => {
      if (this.state === 'open') action()
    })
  }

  /** A message arrives at the client, if the way is not silent then. */
  back(action: () => void, lateMs = 0): void {
    this.#time.schedule(this.#random.next() * usualMs + lateMs, () => {
      if (this.state !== 'silent') this.clock.enter(action)
    })
  }
}
