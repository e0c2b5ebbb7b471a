import { offsetCommit, type Transport, txnOffsetCommit } from '@kafkado/core'
import { allCommittedOffsets, crc32c } from '@kafkado/core/internal'
import type { Plan } from './plan.ts'

/** Begins the metadata of commits that list an application's stores and repartition topics. */
const mark = 'kafkado-stores:'
/** The metadata of all commits of a reset application, until it commits again. */
export const resetMark = 'kafkado-reset'
/** Kafka limits the metadata to 4096 bytes: offset.metadata.max.bytes. */
const mostNoted = 400
const encoder = new TextEncoder()

/**
 * Notes in the metadata of each commit which stores existed. Without a plan file, only this tells a deleted changelog
 * from that of a new store.
 *
 * @param present gives the current plan
 */
export function notingStores(transport: Transport, present: () => Plan): Transport {
  let noted: { readonly plan: Plan; readonly metadata: string } | undefined
  const metadataOf = (plan: Plan): string => {
    if (noted?.plan !== plan) noted = { plan, metadata: metadataFor(plan) }
    return noted.metadata
  }
  type Committed = { readonly topics: readonly { readonly partitions: readonly object[] }[] }
  const withNotes = <R extends Committed>(request: R): R => {
    const committedMetadata = metadataOf(present())
    const topics = request.topics.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((partition) => ({ ...partition, committedMetadata })),
    }))
    return { ...request, topics }
  }
  return {
    send(operation, request, options) {
      const isCommit = [offsetCommit.name, txnOffsetCommit.name].includes(operation.name)
      return transport.send(operation, isCommit ? withNotes(request as typeof request & Committed) : request, options)
    },
    close: () => transport.close(),
  }
}

function metadataFor({ stores, repartitions }: Plan): string {
  const made = [
    ...stores.filter(({ partitions }) => partitions > 0).map(({ name }) => name),
    ...repartitions.filter(({ partitions }) => partitions > 0).map(({ topic }) => topic),
  ]
  return mark + made.slice(0, mostNoted).map(noteOf).join(',')
}

/** What an application's commits say about its stores and repartition topics. */
export interface NotedStores {
  /** Whether a commit names the store or the repartition topic. */
  isNoted(storeOrTopic: string): boolean
  /** Whether it has committed without a complete note: by an earlier version, or because there was too much to note. */
  readonly isIncomplete: boolean
  /** Whether the application was reset and has committed nothing since. Then all stores begin empty. */
  readonly isReset: boolean
}

export async function notedStores(transport: Transport, application: string): Promise<NotedStores> {
  const commits = (await commitsOf(transport, application)).filter(({ committedOffset }) => committedOffset >= 0)
  const lists = commits.flatMap(({ metadata }) =>
    metadata?.startsWith(mark) ? [metadata.slice(mark.length).split(',')] : [],
  )
  const notes = new Set(lists.flat())
  // Commits of internal topics may outlive the topics for a while.
  const ofSources = commits.filter(
    ({ topic }) => !(topic.startsWith(`${application}-`) && topic.endsWith('-repartition')),
  )
  const isReset = ofSources.length > 0 && ofSources.every(({ metadata }) => metadata === resetMark)
  const isIncomplete =
    !isReset && commits.length > 0 && (lists.length === 0 || lists.some(({ length }) => length >= mostNoted))
  return { isNoted: (name) => notes.has(noteOf(name)), isIncomplete, isReset }
}

interface Commit {
  readonly topic: string
  readonly partition: number
  readonly committedOffset: number
  readonly metadata: string | null
}

/** All commits of an application's group. */
export async function commitsOf(transport: Transport, application: string): Promise<Commit[]> {
  const commits = await allCommittedOffsets(transport, application)
  return commits.map(({ offset, ...commit }) => ({ ...commit, committedOffset: offset }))
}

function noteOf(name: string): string {
  return crc32c(encoder.encode(name)).toString(16).padStart(8, '0')
}
