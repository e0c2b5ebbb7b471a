import { createTopic } from '@kafkado/admin'
import type { History } from './history/history.ts'
import { historyHash } from './history/history-hash.ts'
import type { FinalLog } from './history/log-events.ts'
import type { Plan } from './plan/plan.ts'
import { act } from './world/actions.ts'
import { readGroups, readLogs } from './world/final-logs.ts'
import { watchRejections } from './world/unhandled-rejections.ts'
import { warmUp } from './world/warm-up.ts'
import { World } from './world/world.ts'

export interface Run {
  readonly plan: Plan
  readonly history: History
  readonly hash: string
  readonly virtualMs: number
}

/**
 * After healing, everybody has so long to do what is left; who stands still then stands still. New partitions are found
 * within 5 minutes.
 */
const settlingMs = 360_000

/** Errors are made by the thousand, and what is told of them needs their innermost places alone. */
const stackFrames = 4

/** Carries a plan out, from the first topic to the last log. */
export async function runPlan(plan: Plan): Promise<Run> {
  await warmUp()
  const world = new World(plan)
  const stopWatching = watchRejections(world.history)
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = stackFrames
  try {
    await new PlanRun(world).run()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    stopWatching()
  }
  const { history, time } = world
  return { plan, history, hash: historyHash(history.events), virtualMs: time.nowMs }
}

class PlanRun {
  readonly #world: World
  readonly #plan: Plan
  /** What was planned to happen, each until it has. */
  readonly #actions: Promise<void>[] = []

  constructor(world: World) {
    this.#world = world
    this.#plan = world.plan
  }

  async run(): Promise<void> {
    await this.#makeTopics()
    await this.#happen()
    this.#world.heal()
    await this.#makeMissingTopics()
    await this.#settle()
    this.#world.history.add('world', { type: 'final-polls-over' })
    await this.#within(this.#world.closeAll(), settlingMs)
    await this.#look()
  }

  async #makeTopics(): Promise<void> {
    const { server } = this.#world
    server.start()
    const making = this.#plan.topics.map(({ topic, partitions, configs }) =>
      createTopic(server.engine, topic, { partitions, config: configs }),
    )
    await this.#within(Promise.all(making), 60_000)
  }

  /** Who reads topics that are gone for good never comes to an end. */
  async #makeMissingTopics(): Promise<void> {
    const { server } = this.#world
    for (const { topic, partitions, configs } of this.#plan.topics)
      if (server.logs.idOf(topic) === undefined) {
        const making = createTopic(server.engine, topic, { partitions, config: configs })
        await this.#within(
          making.catch(() => undefined),
          60_000,
        )
      }
  }

  /** Until healing everything happens at its time. */
  async #happen(): Promise<void> {
    const { time } = this.#world
    const beganMs = time.nowMs
    for (const { name, startMs } of this.#plan.clients) time.schedule(startMs, () => this.#world.launch(name))
    const failed = new Promise<never>((_, reject) => {
      for (const { atMs, action } of this.#plan.actions)
        time.schedule(atMs, () => {
          const acting = act(this.#world, action)
          acting.catch(reject)
          this.#actions.push(acting)
        })
    })
    failed.catch(() => undefined)
    for (let seconds = 1; time.nowMs - beganMs < this.#plan.healMs; seconds++) {
      if (await time.until(failed, Math.min(1000, beganMs + this.#plan.healMs - time.nowMs))) await failed
      if (seconds % 3 === 0) await this.#lookAtGroups()
    }
  }

  /** Those that produce end, and those that read come to the end of what is there. */
  async #settle(): Promise<void> {
    const { time, history } = this.#world
    const endMs = time.nowMs + settlingMs
    // A client that takes its time to close is started again after that, and has all of its work to do.
    await time.until(Promise.allSettled(this.#actions), settlingMs)
    history.add('world', { type: 'began', what: 'producing' })
    const hasProduced = await time.until(this.#world.produced(), settlingMs)
    if (hasProduced) history.add('world', { type: 'finished', what: 'producing', outcome: 'ok' })
    // Whatever is under way by itself arrives, and transactions that nobody ends time out.
    await time.advance(1000 + Math.max(0, this.#world.lastArrivalMs - time.nowMs))
    while (time.nowMs < endMs && !(await this.#isAllSeen())) await time.advance(1000)
  }

  async #isAllSeen(): Promise<boolean> {
    const { server } = this.#world
    if (!server.isUp) return false
    // A server that could not open what it found is started again in a moment.
    const isRead = (topic: string): boolean => this.#isOfClients(topic) || this.#isForDeadLetters(topic)
    const reading = readLogs(server.engine, isRead).catch(() => undefined)
    const all = await this.#within(reading, 10_000)
    const logs = all?.filter(({ topic }) => this.#isOfClients(topic))
    const deadLetters = all?.filter(({ topic }) => this.#isForDeadLetters(topic)) ?? []
    // A transaction that nobody ends is over when its timeout is, which may be after everybody has seen all else.
    const isDecided = logs?.every(({ lastStableOffset, highWatermark }) => lastStableOffset >= highWatermark)
    return logs !== undefined && isDecided === true && this.#world.readers.haveSeen(logs, deadLetters)
  }

  async #look(): Promise<void> {
    const { server, history } = this.#world
    await this.#lookAtGroups()
    const logs = await this.#within(readLogs(server.engine, this.#isOfClients), 10_000)
    const deadLetters = await this.#within(readLogs(server.engine, this.#isForDeadLetters), 10_000)
    if (!logs || !deadLetters) throw new Error('the final logs cannot be read')
    const serverMs = server.timeOfDayMs
    for (const log of logs) history.add('world', { ...log, serverMs } satisfies FinalLog)
    for (const { topic, partition, records } of deadLetters)
      history.add('world', { type: 'dead-letters', topic, partition, records })
    await this.#within(server.stop(), 60_000)
  }

  async #lookAtGroups(): Promise<void> {
    const { server, history } = this.#world
    if (!server.isUp) return
    // An engine that has stopped says nothing.
    const groups = await this.#within(
      readGroups(server.engine, () => history.events.length).catch(() => []),
      5000,
    )
    for (const seen of groups ?? []) history.add('world', seen)
  }

  readonly #isForDeadLetters = (topic: string): boolean =>
    this.#plan.topics.some((one) => one.topic === topic && one.isForDeadLetters === true)

  /** Internal topics of applications hold what no client reads, and dead letters what others hold. */
  readonly #isOfClients = (topic: string): boolean =>
    !topic.includes('-changelog') && !topic.includes('-repartition') && !this.#isForDeadLetters(topic)

  /** What the promise resolves to; undefined when it takes longer. */
  async #within<T>(promise: Promise<T>, atMostMs: number): Promise<T | undefined> {
    return (await this.#world.time.until(promise, atMostMs)) ? promise : undefined
  }
}
