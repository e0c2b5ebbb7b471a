import { KafkaError, type Runtime } from '@kafkado/core'
import { backoffOf, messageOf, patienceOfRestarts, sleep } from '@kafkado/core/internal'
import { askHandler } from '../errors/ask-handler.ts'
import type { UncaughtAnswer, UncaughtHandler } from '../errors/uncaught-options.ts'
import type { Member, MemberEvents } from '../member/member.ts'
import type { StoreEntry, StoreQuery } from '../task/store-query.ts'
import type { TaskStatus } from '../task/task-status.ts'

/** After so long without a failure the failures are counted anew. */
const calmMs = 60_000

/** Whom a place of a member tells what happens to it. */
export interface PlaceEvents extends MemberEvents {
  /** Its member has failed, and another one takes its place. */
  onReplacing(error: unknown): void
}

export interface ReplaceableMemberParts {
  readonly make: (events: MemberEvents) => Member
  readonly events: PlaceEvents
  readonly onUncaughtError: UncaughtAnswer | UncaughtHandler
  readonly runtime: Runtime
}

/**
 * The place of a member: one that fails is replaced by a new one, or ends the application, as `onUncaughtError` says.
 * Kafka: StreamThread and StreamsUncaughtExceptionHandler.
 */
export class ReplaceableMember implements Member {
  readonly #parts: ReplaceableMemberParts
  readonly #backoffMs: (attempt: number, error: unknown) => number
  readonly #closing = new AbortController()
  #member: Member | undefined
  /** The replacing that goes on. */
  #replacing: Promise<void> | undefined
  /** Whether it has ended for good. */
  #hasFailed = false
  #failures = 0
  #sinceMs = 0
  #isPaused = false
  #onStarted!: () => void
  readonly #started: Promise<void> = new Promise((resolve) => {
    this.#onStarted = resolve
  })

  constructor(parts: ReplaceableMemberParts) {
    this.#parts = parts
    this.#backoffMs = backoffOf(patienceOfRestarts, parts.runtime)
  }

  /** Whether there is no member now, and there will be one. */
  get isReplacing(): boolean {
    return this.#replacing !== undefined
  }

  /**
   * Resolves when a member has started or is replaced, or when there will be none. Does not fail: a failure is told.
   */
  start(): Promise<void> {
    this.#begin()
    return this.#started
  }

  tasks(): Promise<readonly TaskStatus[]> {
    return this.#member?.tasks() ?? Promise.resolve([])
  }

  query(query: StoreQuery): Promise<readonly StoreEntry[] | undefined> {
    return this.#member?.query(query) ?? Promise.resolve(undefined)
  }

  /** What takes its place is paused as well. */
  async pause(isPaused: boolean): Promise<void> {
    this.#isPaused = isPaused
    await this.#member?.pause(isPaused)
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the application is closing'))
    this.#onStarted()
    await this.#replacing
    await this.#closeMember(this.#member)
  }

  #begin(): void {
    const { make, events, runtime } = this.#parts
    this.#sinceMs = runtime.clock.monotonic()
    let member: Member | undefined
    const onFailure = (error: unknown): void => {
      // It may tell more than once, and also when another one has taken its place.
      if (member && member === this.#member) this.#onFailure(member, error)
    }
    try {
      this.#member = member = make({
        onTasks: () => events.onTasks(),
        onRestore: (progress) => events.onRestore(progress),
        onPlan: (plan) => events.onPlan(plan),
        onError: (error) => events.onError(error),
        onFailure,
        meter: events.meter,
      })
    } catch (error) {
      // The maker of a global store is a function of the user, which may throw as any other.
      this.#onFailure(undefined, error)
      return
    }
    void this.#startMember(member, onFailure)
    // A thread can be told once it is started. What keeps it from being told is its failure, which is told.
    if (this.#isPaused) member.pause(true).catch(() => undefined)
  }

  async #startMember(member: Member, onFailure: (error: unknown) => void): Promise<void> {
    try {
      await member.start()
    } catch (error) {
      onFailure(error)
    }
    if (this.#member !== member || this.#replacing) return
    this.#onStarted()
    // One that has taken the place of another may have no tasks that would tell.
    if (this.#failures > 0) this.#parts.events.onTasks()
  }

  /** @param member undefined when it could not even be made */
  #onFailure(member: Member | undefined, error: unknown): void {
    // What goes wrong while it closes is told, and asks nobody.
    if (this.#closing.signal.aborted) this.#parts.events.onError(error)
    if (this.#replacing || this.#hasFailed || this.#closing.signal.aborted) return
    const { clock } = this.#parts.runtime
    if (clock.monotonic() - this.#sinceMs >= calmMs) this.#failures = 0
    this.#failures++
    const { onUncaughtError: given } = this.#parts
    const asked =
      typeof given === 'function'
        ? askHandler<UncaughtAnswer>(() => given(error, this.#failures), ['shutDown', 'replace'])
        : { answer: given }
    if (asked.answer === undefined) this.#end(unclear(error, asked.fault, asked.thrown))
    else if (asked.answer === 'shutDown') this.#end(error)
    else this.#replacing = this.#replace(member, error)
  }

  #end(error: unknown): void {
    this.#hasFailed = true
    this.#parts.events.onFailure(error)
    this.#onStarted()
  }

  /** What it has not committed is processed again by the next one. */
  async #replace(member: Member | undefined, error: unknown): Promise<void> {
    const { events, runtime } = this.#parts
    // Whoever is told finds it in this state.
    await Promise.resolve()
    events.onReplacing(error)
    // Perhaps no member ever starts, and whoever started the application has to be able to close it.
    this.#onStarted()
    await this.#closeMember(member)
    await sleep(runtime.clock, this.#backoffMs(this.#failures, error), this.#closing.signal).catch(() => undefined)
    this.#member = undefined
    this.#replacing = undefined
    if (!this.#closing.signal.aborted) this.#begin()
  }

  /** One that does not close well keeps the next one from nothing. */
  async #closeMember(member: Member | undefined): Promise<void> {
    try {
      await member?.close()
    } catch (error) {
      this.#parts.events.onError(error)
    }
  }
}

/** The function is at fault as well. */
function unclear(error: unknown, fault: string, thrown: readonly unknown[]): KafkaError {
  return new KafkaError(`${messageOf(error)}; and onUncaughtError ${fault}`, {
    code: 'ERROR_HANDLER_FAILED',
    retriable: false,
    outcome: 'failed',
    cause: new AggregateError([error, ...thrown], 'what failed, and what onUncaughtError threw'),
  })
}
