import { offsetCommit, type Transport, txnOffsetCommit } from '@kafkado/core'
import { allCommittedOffsets, crc32c } from '@kafkado/core/internal'
import type { Plan } from './plan.ts'

/** What the metadata of commits begin with that say what stores and repartition topics an application has. */
const mark = 'kafkado-stores:'
/** What all commits have of an application that was reset, until it commits again. */
export const resetMark = 'kafkado-reset'
/** Kafka's limit of them is 4096 bytes: offset.metadata.max.bytes. */
const mostNoted = 400
const encoder = new TextEncoder()

/**
 * Notes in the metadata of each commit what stores were kept of what was processed. Nothing else tells a changelog that
 * was deleted from that of a store which is new, where there is no plan file.
 *
 * @param present gives the plan as it is now
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

/** What the commits of an application say of its stores and its repartition topics. */
export interface NotedStores {
  /** Whether a store was kept of what was processed, or a repartition topic written to, as far as that was noted. */
  isNoted(storeOrTopic: string): boolean
  /** Whether it has committed without a note of everything: by an earlier version, or as there is too much. */
  readonly isIncomplete: boolean
  /** Whether the application was reset and has committed nothing since: then all stores begin with nothing. */
  readonly isReset: boolean
}

export async function notedStores(transport: Transport, application: string): Promise<NotedStores> {
  const commits = (await commitsOf(transport, application)).filter(({ committedOffset }) => committedOffset >= 0)
  const lists = commits.flatMap(({ metadata }) =>
    metadata?.startsWith(mark) ? [metadata.slice(mark.length).split(',')] : [],
  )
  const notes = new Set(lists.flat())
  // Those of internal topics may be there a while longer than the topics.
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

/** All that the group of an application has committed. */
export async function commitsOf(transport: Transport, application: string): Promise<Commit[]> {
  const commits = await allCommittedOffsets(transport, application)
  return commits.map(({ offset, ...commit }) => ({ ...commit, committedOffset: offset }))
}

function noteOf(name: string): string {
  return crc32c(encoder.encode(name)).toString(16).padStart(8, '0')
}
