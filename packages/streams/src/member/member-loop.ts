import type { TopicPartition } from '@kafkado/consumer'
import type { PartitionReader } from '@kafkado/consumer/internal'
import { MemberFencedError, TimeoutError } from '@kafkado/core'
import { backoffOf, bounded, patienceOfRequests, sleep } from '@kafkado/core/internal'
import { openSession } from './session/open-session.ts'
import { openTasks } from './session/open-tasks.ts'
import { joinGroup } from './join-group.ts'
import type { MemberLoopParts } from './member-loop-parts.ts'
import { memberTurn } from './member-turn.ts'
import { isPassing } from './passing-errors.ts'
import { PlainCollector, TransactionalCollector } from '../task/output/record-collector.ts'
import type { RunningTask } from '../task/running-task.ts'
import { Suspicions } from '../task/errors/suspicions.ts'
import type { CommittedOffset } from './session/commit-loop.ts'
import type { MemberSession } from './session/member-session.ts'
import { TurnJobs } from './turn/turn-jobs.ts'

/** How long a start waits for its first partitions. */
const longestWaitMs = 3000
/**
 * How long the next session waits for the transaction of the previous one to be aborted. After that, its own start
 * aborts it.
 */
const longestAbortMs = 1000

/**
 * A member's work from joining the group to leaving it: it reads its assigned partitions, runs the tasks, and commits.
 * Tasks change only between two turns of its loop, so nothing meets a task in the middle of its work. The consumer
 * sends heartbeats meanwhile.
 *
 * Who waits for whom:
 *
 * ```
 *  close() ───► loop ◄─── onAssigned, onRevoked (for their turn)
 *                │
 *                ├─► begin, commit ─► asynchronous operators, delivery, transaction ─► heartbeat ─► server
 *                └─► end of a session ─► folders ─► reader.close() ─► heartbeat ─► server, at most for its closeTimeout
 *
 *  onLost, half of closeTimeout, a restoration that failed ───► nobody: they give the session up
 * ```
 *
 * Giving a session up ends every wait of its loop at once (`unlessOver`); the loop then ends the session and begins
 * another. So even if an awaited operation waits for the loop, or never ends, the loop continues. The operation may
 * complete later: it then finds its session over, and its transaction fenced by the next one.
 */
export class MemberLoop {
  readonly #parts: MemberLoopParts
  /** One for all sessions: each fences the previous one. Kafka: KIP-447. */
  readonly #transactionalId: string
  readonly #closing = new AbortController()
  #jobs = new TurnJobs(() => this.#reader?.wake())
  readonly #suspicions = new Suspicions()
  /**
   * Without transactions, one producer serves all sessions: only then do its sends under way stay ahead of later ones.
   */
  readonly #plain: PlainCollector | undefined
  #run: Promise<void> | undefined
  #reader: PartitionReader | undefined
  #session: MemberSession | undefined
  /** Whether all partitions were lost in this session, or since it ended. */
  #isLost = false
  #isPaused = false
  #assigned!: () => void
  readonly #isAssigned: Promise<void> = new Promise((resolve) => {
    this.#assigned = resolve
  })

  constructor(parts: MemberLoopParts) {
    this.#parts = parts
    const { application, runtime, isExactlyOnce, producer } = parts.settings
    this.#transactionalId = `${application}-${runtime.random.next().toString(36).slice(2)}`
    if (!isExactlyOnce) this.#plain = new PlainCollector(parts.transport, producer, runtime)
  }

  get tasks(): readonly RunningTask[] {
    return this.#session?.tasks.all ?? []
  }

  get committed(): Iterable<CommittedOffset> {
    return this.#session?.commits.committed ?? []
  }

  /**
   * Stops or resumes records and punctuations. Meanwhile it commits what it has processed, restores tasks and stays in
   * the group.
   */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused
    this.#reader?.wake()
  }

  /** Call it after a look at the existing topics. */
  onLook(): void {
    if (this.#parts.sources.isBehind) void this.#jobs.add(() => this.#followTopics())
  }

  /** Resolves with the first assignment, when there are no partitions for it, or when it has ended. */
  start(): Promise<void> {
    // A surplus member gets no partitions, and need not wait for them.
    const timer = this.#parts.settings.runtime.clock.schedule(longestWaitMs, () => this.#assigned(), 'background')
    this.#run = this.#loop().finally(() => {
      timer.cancel()
      this.#assigned()
    })
    return this.#isAssigned
  }

  /** Commits the processed records, leaves the group and ends, all within `closeTimeout`. Does not fail. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the application is closing'))
    const { runtime, closeTimeoutMs } = this.#parts.settings
    const late = new TimeoutError('the last commit took too long; what it would have committed is processed again')
    // The other half is for leaving the group.
    const timer = runtime.clock.schedule(closeTimeoutMs / 2, () => this.#session?.giveUp(late))
    this.#reader?.wake()
    await this.#run
    timer.cancel()
  }

  /** Runs one session in the group after the other. A fault that may pass begins a new session. */
  async #loop(): Promise<void> {
    const { settings, events } = this.#parts
    const { runtime } = settings
    const backoffMs = backoffOf(patienceOfRequests, runtime)
    for (let attempt = 1; !this.#closing.signal.aborted; attempt++) {
      const isMember = this.#reader !== undefined
      const session = this.#open((this.#reader ??= this.#join()))
      this.#session = session
      this.#isLost = false
      const turn = { settings, meter: events.meter, jobs: this.#jobs, isPaused: () => this.#isPaused }
      try {
        // It aborts what a previous session left open, which would block reading the offsets.
        await session.unlessOver(session.collector.begin())
        if (!isMember) session.reader.start()
        while (!this.#closing.signal.aborted) {
          if (await memberTurn(session, turn)) attempt = 1
        }
        await session.commits.commit()
        this.#tell(await this.#end(session, (task) => task.close()))
      } catch (error) {
        session.giveUp(error)
        this.#suspicions.onEnded(error)
        await this.#end(session, (task) => task.abandon())
        const isClosing = this.#closing.signal.aborted
        if (!isPassing(error)) events[isClosing ? 'onError' : 'onFailure'](error)
        if (isClosing || !isPassing(error)) break
        await sleep(runtime.clock, backoffMs(attempt, error), this.#closing.signal).catch(() => undefined)
      }
    }
    await this.#leave()
    await this.#plain?.close()
  }

  /** Joins the group, with the reader already started. */
  #join(): PartitionReader {
    const { transport, settings, topics, derived } = this.#parts
    const jobs = this.#jobs
    const listeners = {
      onAssigned: (partitions: readonly TopicPartition[]) => jobs.add(() => this.#assign(partitions)),
      onRevoked: (partitions: readonly TopicPartition[]) => jobs.add(() => this.#revoke(partitions)),
      onLost: () => {
        jobs.drop()
        this.#isLost = true
        this.#session?.giveUp(new MemberFencedError('the group went on without this member'))
      },
    }
    return joinGroup(transport, topics(), settings, listeners, derived)
  }

  #open(reader: PartitionReader): MemberSession {
    const { transport, settings } = this.#parts
    const { runtime, producer } = settings
    const one = this.#suspicions.areRefused ? { maxInFlight: 1 } : {}
    const config = { ...producer, ...one, runtime, transactionalId: this.#transactionalId }
    const collectorOf = (over: AbortSignal) => this.#plain ?? new TransactionalCollector(transport, config, over)
    return openSession({ ...this.#parts, reader }, collectorOf)
  }

  /** Opens one task after the other. They are restored side by side while other tasks run. */
  async #assign(partitions: readonly TopicPartition[]): Promise<void> {
    const session = this.#session as MemberSession
    await session.unlessOver(this.#parts.sources.follow())
    session.tasks.assign(partitions)
    session.tasks.followPatterns()
    await this.#openTasks(session)
    this.#assigned()
  }

  /**
   * When a topic was made again with fewer partitions, some partitions are read without it, though nothing is assigned
   * anew.
   */
  async #followTopics(): Promise<void> {
    const session = this.#session as MemberSession
    await session.unlessOver(this.#parts.sources.follow())
    await this.#openTasks(session)
  }

  async #openTasks(session: MemberSession): Promise<void> {
    await openTasks(session, { ...this.#parts, suspicions: this.#suspicions })
    this.#parts.events.onTasks()
  }

  async #revoke(partitions: readonly TopicPartition[]): Promise<void> {
    const session = this.#session as MemberSession
    const { commits, tasks } = session
    await commits.commit()
    this.#tell(await Promise.allSettled(tasks.revoke(partitions).map((task) => task.close())))
    commits.forget(partitions)
    await session.unlessOver(this.#parts.sources.onRevoked(partitions))
    // The partitions that were read together with a replaced topic.
    await this.#openTasks(session)
  }

  /** Everything is committed, so a task that fails to end stops nobody. */
  #tell(ended: readonly PromiseSettledResult<void>[]): void {
    for (const one of ended) if (one.status === 'rejected') this.#parts.events.onError(one.reason)
  }

  /** @returns the outcomes of its tasks' ends */
  async #end(
    session: MemberSession,
    end: (task: RunningTask) => Promise<void>,
  ): Promise<readonly PromiseSettledResult<void>[]> {
    session.giveUp(new Error('the session has ended'))
    const ended = await Promise.allSettled(session.tasks.clear().map(end))
    // A lost member joins again by itself with the same id. With a new id it would wait until the group has expelled
    // the old one.
    if (!this.#isLost || this.#closing.signal.aborted) await this.#leave()
    const { clock } = this.#parts.settings.runtime
    const bounds = { clock, timeoutMs: longestAbortMs, signals: [] }
    await bounded(() => session.collector.endSession(), bounds).catch(() => undefined)
    this.#parts.events.onTasks()
    return ended
  }

  async #leave(): Promise<void> {
    const reader = this.#reader
    this.#reader = undefined
    this.#jobs.end()
    this.#jobs = new TurnJobs(() => this.#reader?.wake())
    await reader?.close()
  }
}
