import { consumerGroupHeartbeat, type Interceptor, offsetCommit, txnOffsetCommit } from '@kafkado/core'
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
  OffsetCommitRequest,
  OffsetCommitResponse,
} from '@kafkado/core/protocol'
import type { Consumer, TopicPartition } from 'kafkado'

const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`

/** What offsetCommit and txnOffsetCommit have in common. */
type Commit = Pick<OffsetCommitRequest, 'memberId'> & {
  readonly topics: readonly {
    readonly topic: string
    readonly partitions: readonly { readonly partition: number; readonly committedOffset: number }[]
  }[]
}

/** What a member was told that it owns, and may commit until it has told the group that it does not. */
interface Standing {
  readonly owned: Set<string>
  readonly revoked: Set<string>
  epoch: number
}

/**
 * Watches all members of a group: what they are told, what they commit, and what of it the group takes. Only who owns a
 * partition may commit it, as the member knows and as the group does, and epochs only grow. Who has left commits as
 * nobody, which the group takes while it is empty.
 */
export class CommitJudge {
  readonly #standings = new Map<Consumer<unknown>, Standing>()
  /** Which member was assigned a partition last. */
  readonly #granted = new Map<string, string>()
  readonly #violations: string[] = []

  /** @throws Error that names the first violation */
  check(): void {
    if (this.#violations.length > 0) throw new Error(this.#violations[0])
  }

  add(consumer: Consumer<unknown>): void {
    const standing: Standing = { owned: new Set(), revoked: new Set(), epoch: 0 }
    this.#standings.set(consumer, standing)
    const each = (partitions: readonly TopicPartition[], act: (key: string) => unknown): void =>
      partitions.forEach(({ topic, partition }) => act(keyOf(topic, partition)))
    consumer.on('assigned', ({ partitions }) => {
      each(partitions, (key) => {
        standing.owned.add(key)
        standing.revoked.delete(key)
      })
    })
    consumer.on('revoked', ({ partitions }) => each(partitions, (key) => standing.revoked.add(key)))
    consumer.on('lost', ({ partitions }) => each(partitions, (key) => standing.owned.delete(key)))
  }

  /** What watches the requests of one member, as they are sent and as they are answered. */
  interceptor(consumerOf: () => Consumer<unknown>): Interceptor {
    return (next) => async (operation, request, options) => {
      const standing = this.#standings.get(consumerOf()) as Standing
      if (operation.name === consumerGroupHeartbeat.name)
        this.#tells(standing, request as ConsumerGroupHeartbeatRequest)
      const isCommit = operation.name === offsetCommit.name || operation.name === txnOffsetCommit.name
      const isByMember = isCommit && (request as Commit).memberId !== ''
      if (isByMember) this.#commits(standing, operation.name, request as Commit)
      const response = await next(operation, request, options)
      if (operation.name === consumerGroupHeartbeat.name) this.#isTold(request, response)
      if (isByMember) this.#isTaken(operation.name, request as Commit, response as OffsetCommitResponse)
      return response
    }
  }

  #tells(standing: Standing, { memberEpoch, topicPartitions }: ConsumerGroupHeartbeatRequest): void {
    const told = new Set(
      topicPartitions?.flatMap(({ topic, partitions }) => partitions.map((one) => keyOf(topic, one))),
    )
    for (const key of standing.revoked) {
      if (told.has(key)) continue
      standing.revoked.delete(key)
      standing.owned.delete(key)
    }
    if (memberEpoch > 0 && memberEpoch < standing.epoch)
      this.#violations.push(`a heartbeat says epoch ${memberEpoch} after ${standing.epoch}`)
    if (memberEpoch >= 0) standing.epoch = memberEpoch
  }

  #isTold({ memberId }: ConsumerGroupHeartbeatRequest, { assignment }: ConsumerGroupHeartbeatResponse): void {
    for (const { topic, partitions } of assignment?.topicPartitions ?? [])
      for (const partition of partitions) this.#granted.set(keyOf(topic, partition), memberId)
  }

  #commits({ owned }: Standing, operation: string, { topics }: Commit): void {
    for (const { topic, partitions } of topics)
      for (const { partition, committedOffset } of partitions)
        if (!owned.has(keyOf(topic, partition)))
          this.#violations.push(
            `${operation} of ${topic}/${partition} at ${committedOffset} by a member that does not own it`,
          )
  }

  #isTaken(operation: string, { memberId }: Commit, { topics }: OffsetCommitResponse): void {
    for (const { topic, partitions } of topics) {
      for (const { partition, errorCode } of partitions) {
        const owner = this.#granted.get(keyOf(topic, partition))
        if (errorCode === 0 && owner !== memberId)
          this.#violations.push(
            `the group took ${operation} of ${topic}/${partition} by ${memberId}, and ${owner} has it`,
          )
      }
    }
  }
}
