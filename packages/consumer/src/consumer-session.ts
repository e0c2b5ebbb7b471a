import {
  type KafkaRecord,
  metadata,
  RebalanceInProgressError,
  SerializationError,
  type Timer,
  type TopicDefinition,
  TopicNotFoundError,
  type Transport,
} from '@kafkado/core'
import { errorOfCode, sleep } from '@kafkado/core/internal'
import type { ConsumerSettings, StartOffset, TopicPartition } from './consumer-config.ts'
import { Fetcher } from './fetcher.ts'
import { GroupMembership } from './group-membership.ts'
import { OffsetCommitter } from './offset-committer.ts'
import { describePartition, type PartitionState } from './partition-state.ts'
import { PartitionAssignment } from './partition-assignment.ts'
import { recordSource } from './record-decoder.ts'
import { findStart } from './start-position.ts'

/**
 * One stay in the group, from joining to leaving: the partitions owned, what is read ahead of them, and what may be committed. A
 * consumer that is iterated again begins a new one.
 */
export class ConsumerSession<V, K> {
  readonly #transport: Transport
  readonly #settings: ConsumerSettings
  readonly #definitions: ReadonlyMap<string, TopicDefinition<V, K>>
  readonly #membership: GroupMembership
  readonly #fetcher: Fetcher<V, K>
  readonly #committer: OffsetCommitter
  readonly #assignment: PartitionAssignment<V, K>
  readonly #sources = new WeakMap<PartitionState<V, K>, ReturnType<typeof recordSource<V, K>>>()
  readonly #stopping = new AbortController()
  #waiting: (() => void)[] = []
  #failure: { readonly error: unknown } | undefined
  #commitTimer: Timer | undefined
  #stopped: Promise<void> | undefined
  /** Of the partition whose turn it is, how many records it may still give. */
  #turn = { index: 0, left: 0 }
  /** How many loops run, whose present record is finished soon. */
  loops = 0

  constructor(
    transport: Transport,
    settings: ConsumerSettings,
    definitions: ReadonlyMap<string, TopicDefinition<V, K>>,
  ) {
    this.#transport = transport
    this.#settings = settings
    this.#definitions = definitions
    const onFailure = (error: unknown): void => this.#fail(error)
    this.#membership = new GroupMembership(transport, settings, [...definitions.keys()], {
      onAssignment: (partitions) => this.#assignment.change(partitions),
      onLost: () => this.#assignment.lose(),
      onFailure,
    })
    this.#committer = new OffsetCommitter(transport, settings, this.#membership)
    this.#assignment = new PartitionAssignment(transport, settings, this.#membership, this.#stopping.signal, {
      isLooping: () => this.loops > 0,
      commit: (states) => this.#commitStates(states),
      onChange: () => this.#onChange(),
    })
    this.#fetcher = new Fetcher(transport, settings, {
      partitions: () => this.#assignment.states,
      sourceOf: (state) => this.#sourceOf(state),
      onRecords: () => this.#wake(),
      onFailure,
    })
  }

  get partitions(): readonly PartitionState<V, K>[] {
    return this.#assignment.states
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  start(): void {
    this.#requireTopics().then(
      () => {
        if (this.isStopping) return
        this.#membership.start()
        this.#planCommit()
      },
      (error: unknown) => this.#fail(error),
    )
  }

  /** The next record, which counts as given out; undefined once the session ends. */
  async next(deadline?: AbortSignal): Promise<KafkaRecord<V, K> | undefined> {
    for (;;) {
      if (this.#failure && !this.isStopping) throw this.#failure.error
      if (this.isStopping || deadline?.aborted) return undefined
      const record = this.poll()
      if (record) return record
      await this.#arrival(deadline)
    }
  }

  /** A record that is there already. Partitions have their turn one after the other. */
  poll(): KafkaRecord<V, K> | undefined {
    const { states } = this.#assignment
    for (let tried = 0; tried <= states.length && states.length > 0; tried++) {
      const state = states[this.#turn.index % states.length] as PartitionState<V, K>
      if (this.#turn.left > 0 && state.canGiveOut) {
        this.#turn.left--
        const record = this.#shift(state)
        if (record) return record
      }
      this.#turn = { index: (this.#turn.index + 1) % states.length, left: this.#settings.maxPollRecords }
    }
    return undefined
  }

  /** The record was processed. */
  finish(record: KafkaRecord<V, K>): void {
    const state = this.#assignment.find(record)
    if (!state) return
    state.tracker.finish(record.offset)
    if (state.isRevoking) this.#assignment.onFinished()
  }

  /** Commits what has been processed. */
  async commit(): Promise<void> {
    await this.#commitStates(this.#assignment.states)
  }

  /** Moves positions. What was fetched of these partitions is dropped. */
  seek(positions: readonly (TopicPartition & { readonly offset: number })[]): void {
    for (const { offset, ...target } of positions) {
      const state = this.#assignment.find(target)
      if (!state)
        throw new RebalanceInProgressError(`${describePartition(target)} is not assigned to this consumer now`, {
          retriable: false,
        })
      this.#assignment.replace(state).begin(offset)
    }
    this.#onChange()
  }

  async seekTo(start: StartOffset): Promise<void> {
    const states = [...this.#assignment.states]
    const offsets = await findStart(this.#transport, this.#settings, start, states, this.#stopping.signal)
    const owned = states.map(({ topic, partition }, index) => ({ topic, partition, offset: offsets[index] as number }))
    this.seek(owned.filter((target) => this.#assignment.find(target)))
  }

  pause(partitions: readonly TopicPartition[], isPaused: boolean): void {
    for (const target of partitions) {
      const state = this.#assignment.find(target)
      if (state) state.isPaused = isPaused
    }
    this.#onChange()
  }

  /** Commits what was processed, where that is automatic, and leaves the group. Does not fail. */
  stop(): Promise<void> {
    this.#stopped ??= this.#leave()
    return this.#stopped
  }

  async #leave(): Promise<void> {
    this.#stopping.abort(new Error('the consumer is leaving'))
    this.#commitTimer?.cancel()
    this.#fetcher.stop()
    this.#wake()
    const { autoCommit, runtime, onRevoked } = this.#settings
    const owned = this.#assignment.states
    const limit = new AbortController()
    const committed = (async () => {
      if (owned.length > 0) await onRevoked(owned.map(({ topic, partition }) => ({ topic, partition })))
      if (autoCommit) await this.#commitStates(owned)
    })()
    // The server may be gone: the group would notice by itself, and what was not committed is read again.
    const timeLimit = sleep(runtime.clock, 10_000, limit.signal)
    await Promise.race([committed.catch(() => undefined), timeLimit.catch(() => undefined)])
    limit.abort()
    await this.#membership.leave()
    this.#assignment.clear()
  }

  #shift(state: PartitionState<V, K>): KafkaRecord<V, K> | undefined {
    const record = state.shift()
    if (!record) {
      const { error } = state
      state.error = undefined
      // Reading goes on from the same offset when somebody tries again.
      throw error as Error
    }
    if (state.bufferedBytes < this.#settings.maxPartitionFetchBytes / 2) this.#fetcher.fetchAhead()
    state.tracker.begin(record.offset)
    if (this.#settings.onInvalid === 'throw' || isReadable(record)) return record
    state.tracker.finish(record.offset)
    return undefined
  }

  #sourceOf(state: PartitionState<V, K>): ReturnType<typeof recordSource<V, K>> {
    let source = this.#sources.get(state)
    if (!source) {
      const definition = this.#definitions.get(state.topic) as TopicDefinition<V, K>
      source = recordSource(definition, state.partition, (record) => this.#commitThrough(state, record))
      this.#sources.set(state, source)
    }
    return source
  }

  async #commitThrough(state: PartitionState<V, K>, { offset }: KafkaRecord<V, K>): Promise<void> {
    if (this.#assignment.find(state) !== state) {
      throw new RebalanceInProgressError(
        `${describePartition(state)} offset ${offset} cannot be committed: the partition was given up or its position moved, and whoever reads it now gets the record again`,
        { retriable: false },
      )
    }
    state.tracker.finishThrough(offset)
    await this.#committer.commit(() => {
      const { topic, partition, committed = -1 } = state
      return committed > offset ? [] : [{ topic, partition, offset: offset + 1 }]
    })
    state.committed = Math.max(state.committed ?? 0, offset + 1)
  }

  async #commitStates(states: readonly PartitionState<V, K>[]): Promise<void> {
    const offsets = await this.#committer.commit(() =>
      states.flatMap(({ topic, partition, committable }) =>
        committable === undefined ? [] : [{ topic, partition, offset: committable }],
      ),
    )
    for (const { offset, ...target } of offsets) {
      const state = states.find(({ topic, partition }) => topic === target.topic && partition === target.partition)
      if (state) state.committed = Math.max(state.committed ?? 0, offset)
    }
  }

  #planCommit(): void {
    const { autoCommit, autoCommitIntervalMs, runtime } = this.#settings
    if (!autoCommit || this.isStopping) return
    this.#commitTimer = runtime.clock.schedule(autoCommitIntervalMs, () => {
      // What fails now is committed the next time, or read again by whoever owns the partition then.
      void this.commit()
        .catch(() => undefined)
        .finally(() => this.#planCommit())
    })
  }

  /** @throws TopicNotFoundError when a topic does not exist and the server does not create it */
  async #requireTopics(): Promise<void> {
    const request = { topics: [...this.#definitions.keys()], allowAutoTopicCreation: true }
    const { topics } = await this.#transport.send(metadata, request, { signal: this.#stopping.signal })
    for (const { topic, errorCode, errorMessage } of topics) {
      if (errorCode === 0 || errorCode === 5) continue
      if (errorCode !== 3) throw errorOfCode(errorCode, { topic, detail: errorMessage })
      throw new TopicNotFoundError(
        `topic '${topic}' does not exist, and the server does not create topics on first use; create it with admin.createTopic()`,
      )
    }
  }

  #onChange(): void {
    this.#fetcher.fetchAhead()
    this.#wake()
  }

  #fail(error: unknown): void {
    this.#failure = { error }
    this.#wake()
  }

  #arrival(deadline: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        deadline?.removeEventListener('abort', done)
        resolve()
      }
      deadline?.addEventListener('abort', done, { once: true })
      this.#waiting.push(done)
    })
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

function isReadable(record: KafkaRecord<unknown, unknown>): boolean {
  try {
    void record.key
    void record.value
    return true
  } catch (error) {
    if (SerializationError.is(error)) return false
    throw error
  }
}
