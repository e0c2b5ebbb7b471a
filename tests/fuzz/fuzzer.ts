import { blocks } from './coverage.ts'
import { Mutator, SeededBytes } from './mutator.ts'
import { Finding, type Target } from './target.ts'

/** What is wrong with a target, and the input that shows it. */
export interface Failure {
  readonly target: string
  readonly seed: number
  readonly run: number
  readonly input: Uint8Array
  readonly message: string
}

export interface Job {
  readonly seed: number
  readonly runs: number
  /** Called before each run, so that another thread can tell what hangs. */
  readonly beginRun: (run: number, input: Uint8Array) => void
  /** Inputs that failed once, run before all others. */
  readonly corpus: readonly Uint8Array[]
}

export interface Outcome {
  readonly runs: number
  /** That the thread has worked, whatever else the machine did meanwhile. */
  readonly milliseconds: number
  readonly kept: number
  readonly failures: readonly Failure[]
}

const mostKept = 5000
const mostFailures = 8
/**
 * A run that takes longer, and so much of a core when it is repeated, is one that somebody could hold up a process
 * with.
 */
const longestRunMs = 1000
/** How many bytes an input may make somebody allocate: in proportion to its length, and what everybody has. */
const mostAllocated = (length: number): number => 2 * 1024 * 1024 + 256 * length
/** Every so many runs one is repeated with other bytes beside the input. */
const runsBetweenRepeats = 16

/**
 * Runs a target with inputs that are made of those it has had before: an input that reaches a block for the first time
 * is kept, and so are the seeds. The same seed makes the same inputs.
 */
export class Fuzzer {
  readonly #target: Target
  readonly #failures = new Map<string, Failure>()
  #run = 0

  constructor(target: Target) {
    this.#target = target
  }

  async fuzz({ seed, runs, beginRun, corpus }: Job): Promise<Outcome> {
    const began = process.threadCpuUsage()
    const { seeds, change, words } = this.#target
    const random = new SeededBytes(seed)
    const mutator = new Mutator(random, words)
    const pool = [...seeds]
    blocks.forget()
    const first = [...seeds, ...corpus]
    let reached = blocks.count
    while (this.#run < runs || this.#run < first.length) {
      const index = this.#run
      const input = first[index] ?? this.#next(pool, random, mutator, change)
      beginRun(index, input)
      const failure = await this.check(input, index < first.length || index % runsBetweenRepeats === 0)
      if (failure !== undefined) this.#note({ target: this.#target.name, seed, run: index, input, message: failure })
      if (this.#failures.size >= mostFailures) break
      if (blocks.count > reached) {
        reached = blocks.count
        if (pool.length < mostKept) pool.push(input)
      }
      this.#run++
    }
    const { user, system } = process.threadCpuUsage(began)
    const milliseconds = (user + system) / 1000
    return { runs: this.#run, milliseconds, kept: pool.length, failures: [...this.#failures.values()] }
  }

  /** What is wrong with what the target makes of the input; undefined when nothing is. */
  async check(input: Uint8Array, isRepeated = true): Promise<string | undefined> {
    try {
      const began = performance.now()
      const result = await this.#once(input, 0x00)
      if (performance.now() - began > longestRunMs) await this.#requireQuick(input)
      if (isRepeated) requireSame(result, await this.#once(input, 0xff))
      return undefined
    } catch (error) {
      return describe(await this.#again(input, error))
    }
  }

  /**
   * The error once more, with the place where it came from. Traces are not kept otherwise, as most of a run would go
   * into them.
   */
  async #again(input: Uint8Array, error: unknown): Promise<unknown> {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 20
    try {
      await this.#once(input, 0)
      return error
    } catch (again) {
      return again
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
  }

  async #once(input: Uint8Array, neighbour: number): Promise<unknown> {
    const around = new Uint8Array(input.length + 64).fill(neighbour)
    around.set(input, 32)
    const before = blocks.allocatedBytes
    const running = this.#target.run(around.subarray(32, 32 + input.length))
    const result = running instanceof Promise ? ((await running) as unknown) : running
    const allocated = blocks.allocatedBytes - before
    if (allocated > mostAllocated(input.length))
      throw new Finding(`${allocated} bytes were allocated for an input of ${input.length}`)
    return result
  }

  /** By the time of a core, as a machine may have other things to do. */
  async #requireQuick(input: Uint8Array): Promise<void> {
    const before = process.threadCpuUsage()
    await this.#once(input, 0)
    const { user, system } = process.threadCpuUsage(before)
    const took = (user + system) / 1000
    if (took > longestRunMs) throw new Finding(`it takes ${Math.round(took)} ms`)
  }

  #next(pool: readonly Uint8Array[], random: SeededBytes, mutator: Mutator, change: Target['change']): Uint8Array {
    // Half of them from what was found last, which leads on.
    const index =
      random.below(2) === 0 ? random.below(pool.length) : pool.length - 1 - random.below(Math.min(pool.length, 32))
    const input = pool[index] as Uint8Array
    const isFormed = change !== undefined && random.below(2) === 0
    if (isFormed) return change(input, random)
    return mutator.change(input, random.pick(pool))
  }

  /** One of a kind: the same message with other numbers and texts is the same failure. */
  #note(failure: Failure): void {
    const kind = failure.message.replaceAll(/'[^']*'|"[^"]*"|[\d.]+/g, '#').slice(0, 80)
    if (!this.#failures.has(kind)) this.#failures.set(kind, failure)
  }
}

function requireSame(one: unknown, other: unknown): void {
  if (one === undefined && other === undefined) return
  const [first, second] = [one, other].map((value) => JSON.stringify(value, plain))
  if (first !== second) throw new Finding(`the same bytes gave ${first} and then ${second}`)
}

function plain(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const place = error.stack?.split('\n').flatMap((line) => /packages\/[^:)]+/.exec(line)?.[0] ?? [])[0]
  return `${error.name}: ${error.message}${place ? ` (${place})` : ''}`
}
