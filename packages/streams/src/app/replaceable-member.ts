import { KafkaError, type Runtime } from '@kafkado/core'
import { backoffOf, messageOf, patienceOfRestarts, sleep } from '@kafkado/core/internal'
import { askHandler } from '../errors/ask-handler.ts'
import type { UncaughtAnswer, UncaughtHandler } from '../errors/uncaught-options.ts'
import type { Member, MemberEvents } from '../member/member.ts'
import type { StoreEntry, StoreQuery } from '../task/store-query.ts'
import type { TaskStatus } from '../task/task-status.ts'

/** After this time without a failure, failures are counted from zero again. */
const calmMs = 60_000

/** Learns what happens to a member's place. */
export interface PlaceEvents extends MemberEvents {
  /** Its member has failed, and a new one replaces it. */
  onReplacing(error: unknown): void
}

export interface ReplaceableMemberParts {
  readonly make: (events: MemberEvents) => Member
  readonly events: PlaceEvents
  readonly onUncaughtError: UncaughtAnswer | UncaughtHandler
  readonly runtime: Runtime
}

/**
 * The place of a member. A failed member is replaced by a new one or ends the application, as `onUncaughtError`
 * decides. Kafka: StreamThread and StreamsUncaughtExceptionHandler.
 */
export class ReplaceableMember implements Member {
  readonly #parts: ReplaceableMemberParts
  readonly #backoffMs: (attempt: number, error: unknown) => number
  readonly #closing = new AbortController()
  #member: Member | undefined
  /** The replacement under way. */
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

  /** Whether it has no member now, but will have one. */
  get isReplacing(): boolean {
    return this.#replacing !== undefined
  }

  /**
   * Resolves when a member has started or is being replaced, or when there will be none. Does not fail: failures go to
   * the events.
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

  /** A replacement is paused as well. */
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
      // The member may report more than once, and even after its replacement has started.
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
      // The function that makes a global store is the user's, and may throw.
      this.#onFailure(undefined, error)
      return
    }
    void this.#startMember(member, onFailure)
    // A thread accepts it once it is started. A failure that prevents this is reported as the member's failure.
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
    // A replacement may have no tasks, and so report nothing by itself.
    if (this.#failures > 0) this.#parts.events.onTasks()
  }

  /** @param member undefined if it could not even be made */
  #onFailure(member: Member | undefined, error: unknown): void {
    // Faults while it closes are reported, but no handler decides about them.
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

  /** The replacement processes again what the failed member has not committed. */
  async #replace(member: Member | undefined, error: unknown): Promise<void> {
    const { events, runtime } = this.#parts
    // Listeners then find it in this state.
    await Promise.resolve()
    events.onReplacing(error)
    // Perhaps no member ever starts; the caller must still be able to close the application.
    this.#onStarted()
    await this.#closeMember(member)
    await sleep(runtime.clock, this.#backoffMs(this.#failures, error), this.#closing.signal).catch(() => undefined)
    this.#member = undefined
    this.#replacing = undefined
    if (!this.#closing.signal.aborted) this.#begin()
  }

  /** A member that fails to close does not hold up the next one. */
  async #closeMember(member: Member | undefined): Promise<void> {
    try {
      await member?.close()
    } catch (error) {
      this.#parts.events.onError(error)
    }
  }
}

/** The function itself is at fault as well. */
function unclear(error: unknown, fault: string, thrown: readonly unknown[]): KafkaError {
  return new KafkaError(`${messageOf(error)}; and onUncaughtError ${fault}`, {
    code: 'ERROR_HANDLER_FAILED',
    retriable: false,
    outcome: 'failed',
    cause: new AggregateError([error, ...thrown], 'what failed, and what onUncaughtError threw'),
  })
}
