import type { TopicPartition } from '@kafkado/consumer'
import { PartitionReader } from '@kafkado/consumer/internal'
import type { TopicDefinition, Transport } from '@kafkado/core'
import { backoffOf, sleep, yieldToEventLoop } from '@kafkado/core/internal'
import type { InternalNames } from '../graph/internal-names.ts'
import type { Topology } from '../graph/topology.ts'
import type { OpenStateStorage } from '../state/state-storage.ts'
import type { StateStore } from '../state/store-definition.ts'
import { takeTurn } from './aligned-turn.ts'
import { CommitLoop } from './commit-loop.ts'
import { isPassing } from './passing-errors.ts'
import { Readiness } from './readiness.ts'
import { PlainCollector, TransactionalCollector } from './record-collector.ts'
import type { RestoreProgress } from './restoration.ts'
import { RunningTask } from './running-task.ts'
import type { StreamsSettings } from './streams-options.ts'
import type { Task } from './task.ts'
import { type PossibleTask, TaskSet } from './task-set.ts'
import { ThreadSession } from './thread-session.ts'

/** How long a start waits for its first partitions. */
const longestWaitMs = 3000

export interface StreamThreadParts {
  readonly transport: Transport
  readonly topology: Topology
  readonly names: InternalNames
  readonly settings: StreamsSettings
  /** What is read, and with what serdes. */
  readonly topics: readonly TopicDefinition<unknown, unknown>[]
  readonly partitionCounts: ReadonlyMap<string, number>
  readonly globals: ReadonlyMap<string, StateStore>
  readonly openStorage: OpenStateStorage | undefined
  readonly events: {
    /** The tasks have changed, or become ready. */
    onTasks(): void
    onRestore(progress: RestoreProgress & { readonly task: string }): void
    /** It cannot go on. */
    onFailure(error: unknown): void
  }
}

/**
 * One member of the group: reads what is assigned to it, runs the tasks, and commits. Everything that changes the tasks is done between two turns of its
 * loop, so nothing meets a task in the middle of its work. Heartbeats are the consumer's, and go on meanwhile.
 */
export class StreamThread {
  readonly #parts: StreamThreadParts
  /** One for all sessions of the thread: each shuts out the one before. Kafka: KIP-447. */
  readonly #transactionalId: string
  readonly #closing = new AbortController()
  readonly #jobs: (() => Promise<void>)[] = []
  #run: Promise<void> | undefined
  #session: ThreadSession | undefined
  #assigned!: () => void
  /** Resolves when partitions were assigned for the first time, or it has ended. */
  readonly assigned: Promise<void> = new Promise((resolve) => {
    this.#assigned = resolve
  })

  constructor(parts: StreamThreadParts) {
    this.#parts = parts
    const { application, runtime } = parts.settings
    this.#transactionalId = `${application}-${runtime.random.next().toString(36).slice(2)}`
  }

  get tasks(): readonly RunningTask[] {
    return this.#session?.tasks.all ?? []
  }

  /** What was committed, by `topic/partition`. */
  get committed(): ReadonlyMap<string, number> {
    return this.#session?.commits.committed ?? new Map()
  }

  start(): void {
    // A member too many gets no partitions, and need not wait for them.
    const timer = this.#parts.settings.runtime.clock.schedule(longestWaitMs, () => this.#assigned(), 'background')
    this.#run = this.#loop().finally(() => {
      timer.cancel()
      this.#assigned()
    })
  }

  /** Commits what was processed, leaves the group and ends. Does not fail. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the application is closing'))
    this.#session?.reader.wake()
    await this.#run
  }

  /** One stay in the group after the other: what goes wrong on the way and may go right the next time begins a new one. */
  async #loop(): Promise<void> {
    const backoffMs = backoffOf({ maxBackoff: 5000 }, this.#parts.settings.runtime)
    for (let attempt = 1; !this.#closing.signal.aborted; attempt++) {
      const session = this.#open()
      this.#session = session
      try {
        // What a former session has left open is aborted by it, and would keep the offsets from being read.
        await session.collector.begin()
        session.reader.start()
        while (!this.#closing.signal.aborted) {
          if (await this.#turn(session)) attempt = 1
        }
        await session.commits.commit()
        await this.#end(session, (task) => task.close())
      } catch (error) {
        await session.collector.abort(error instanceof Error ? error : new Error(String(error)))
        await this.#end(session, (task) => task.abandon())
        if (!isPassing(error)) {
          this.#parts.events.onFailure(error)
          return
        }
        await sleep(this.#parts.settings.runtime.clock, backoffMs(attempt, error), this.#closing.signal).catch(
          () => undefined,
        )
      }
    }
  }

  /** @returns whether records were processed */
  async #turn(session: ThreadSession): Promise<boolean> {
    for (let job = this.#jobs.shift(); job; job = this.#jobs.shift()) await job()
    session.throwIfFailed()
    const { bufferedRecords } = this.#parts.settings
    const isWanted = (partition: TopicPartition): boolean => {
      const running = session.tasks.readerOf(partition)
      return running?.isReady === true && running.task.queued(partition.topic) < bufferedRecords
    }
    const arrival = session.awaitArrival()
    for (const { topic, partition, records } of session.reader.poll(isWanted)) {
      session.tasks.readerOf({ topic, partition })?.task.add(topic, records)
      session.readiness.onArrival({ topic, partition })
    }
    const ready = session.tasks.all.filter(({ isReady }) => isReady)
    const now = this.#parts.settings.runtime.clock.now()
    if (ready.some(({ task }) => task.hasWork(now))) await session.collector.begin()
    for (const { task } of ready) this.#prepare(session, task)
    const { processed, isHeldBack } = takeTurn(ready, session.readiness)
    if (processed > 0) session.commits.onProcessed()
    await session.commits.commitIfDue()
    if (processed === 0) {
      const tasks = ready.map(({ task }) => task)
      const longestMs = isHeldBack ? session.readiness.patienceMs(tasks) : session.nextTimeMs(now)
      const waited = await arrival.wait(longestMs)
      if (isHeldBack && waited === 'in vain') session.readiness.onQuiet(tasks)
    }
    if (processed > 0) {
      await session.collector.ready()
      await yieldToEventLoop()
    }
    arrival.cancel()
    return processed > 0
  }

  #prepare({ reader, commits }: ThreadSession, task: Task): void {
    task.asynchronous.throwIfFailed()
    if (task.punctuate()) commits.onProcessed()
    // What an asynchronous operator hands on has to be committed, and its end makes room for more records.
    if (task.asynchronous.isBusy) void task.asynchronous.progress().then(() => reader.wake())
  }

  #open(): ThreadSession {
    const { transport, topology, names, settings, topics, partitionCounts } = this.#parts
    const { runtime, application, isExactlyOnce, advertisedUrl } = settings
    const collector = isExactlyOnce
      ? new TransactionalCollector(transport, this.#transactionalId, settings.producer, runtime)
      : new PlainCollector(transport, settings.producer, runtime)
    const tasks = new TaskSet(topology, names, partitionCounts)
    const reader = new PartitionReader(transport, topics, {
      ...settings.consumer,
      runtime,
      group: application,
      offset: settings.offset,
      assignor: 'range',
      // The group tells it to the other members, which ask there for what this one has.
      ...(advertisedUrl === undefined ? {} : { rack: advertisedUrl }),
      onAssigned: (partitions) => {
        tasks.assign(partitions)
        // They are opened one after the other, and restored side by side, while the others go on.
        return this.#between(session, async () => {
          for (const possible of tasks.missing()) await this.#openTask(session, possible)
          this.#assigned()
          this.#parts.events.onTasks()
        })
      },
      onRevoked: (partitions) =>
        this.#between(session, async () => {
          await session.commits.commit()
          await Promise.all(tasks.revoke(partitions).map((task) => task.close()))
          this.#parts.events.onTasks()
        }),
      onLost: () =>
        this.#between(session, async () => {
          await collector.abort(new Error('the group went on without this member'))
          await Promise.all(tasks.clear().map((task) => task.abandon()))
          session.commits.forget()
          this.#parts.events.onTasks()
        }),
    })
    const commits = new CommitLoop(reader, tasks, collector, settings, partitionCounts)
    const repartitions = topology.nodes
      .filter((node) => node.kind === 'repartition')
      .map((node) => names.repartition(node))
    const readiness = new Readiness(reader, partitionCounts, new Set(repartitions), runtime.clock)
    const session = new ThreadSession(reader, tasks, collector, commits, readiness)
    return session
  }

  async #openTask(session: ThreadSession, { subtopology, partition }: PossibleTask): Promise<void> {
    const { transport, names, globals, openStorage, settings, events } = this.#parts
    const parts = {
      transport,
      names,
      globals,
      openStorage,
      collector: session.collector,
      onError: settings.onError,
      now: () => settings.runtime.clock.now(),
      onRestore: (progress: RestoreProgress & { readonly task: string }) => events.onRestore(progress),
    }
    const running = await RunningTask.open(parts, subtopology, partition)
    session.tasks.add(running)
    running.restore().then(
      () => {
        events.onTasks()
        session.reader.wake()
      },
      (error: unknown) => {
        // A task that was given up meanwhile need not be restored.
        if (session.tasks.all.includes(running)) session.fail(error)
      },
    )
  }

  /** Does something between two turns of the loop. What it fails with ends the session. */
  #between(session: ThreadSession, act: () => Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const job = async (): Promise<void> => {
        try {
          if (session === this.#session && !session.isOver) await act()
        } finally {
          resolve()
        }
      }
      if (session.isOver || session !== this.#session) {
        resolve()
        return
      }
      this.#jobs.push(job)
      session.reader.wake()
    })
  }

  async #end(session: ThreadSession, end: (task: RunningTask) => Promise<void>): Promise<void> {
    session.isOver = true
    await Promise.allSettled(session.tasks.clear().map(end))
    // Those who wait for their turn are let go, as there is none any more.
    for (let job = this.#jobs.shift(); job; job = this.#jobs.shift()) await job()
    await session.reader.close()
    await session.collector.close().catch(() => undefined)
    this.#parts.events.onTasks()
  }
}
