import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { systemClock } from '@kafkado/core'

const tickMs = 5

/**
 * How long the event loop does nothing else: by the clock, which counts also what other processes take the processor
 * away for, and by the time of the processor that it uses itself between two ticks, which on a busy machine is the one
 * that says something of our code.
 */
export class Stalls {
  readonly #delays = monitorEventLoopDelay({ resolution: tickMs })
  readonly #used = createHistogram()
  #usedBefore = usedMicroseconds()
  #isOver = false

  constructor() {
    this.#delays.enable()
    this.#tick()
  }

  /** What there was since the last time. */
  take(): Record<string, number> {
    const taken = {
      '99th percentile of stalls in ms': this.#delays.percentile(99) / 1e6,
      'longest stall in ms': this.#delays.max / 1e6,
      '99th percentile of own stalls in ms': this.#used.percentile(99) / 1e3,
      'longest own stall in ms': this.#used.max / 1e3,
    }
    this.reset()
    return Object.fromEntries(Object.entries(taken).map(([name, ms]) => [name, Math.round(ms)]))
  }

  /** What was until now is nobody's stall. */
  reset(): void {
    this.#delays.reset()
    this.#used.reset()
    this.#usedBefore = usedMicroseconds()
  }

  stop(): void {
    this.#isOver = true
    this.#delays.disable()
  }

  #tick(): void {
    if (this.#isOver) return
    const used = usedMicroseconds()
    this.#used.record(Math.max(Math.round(used - this.#usedBefore), 1))
    this.#usedBefore = used
    systemClock.schedule(tickMs, () => this.#tick(), 'background')
  }
}

/** Of this thread; before Node 23.9 of all of them. */
function usedMicroseconds(): number {
  const { user, system } =
    'threadCpuUsage' in process ? process.threadCpuUsage() : (process as NodeJS.Process).cpuUsage()
  return user + system
}
