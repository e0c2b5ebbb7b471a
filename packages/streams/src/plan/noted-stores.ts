import { offsetCommit, type Transport, txnOffsetCommit } from '@kafkado/core'
import { allCommittedOffsets, crc32c } from '@kafkado/core/internal'
import type { Plan, PlannedStore } from './plan.ts'

/** What the metadata of commits begin with that say what stores an application has. */
const mark = 'kafkado-stores:'
/** What all commits have of an application that was reset, until it commits again. */
export const resetMark = 'kafkado-reset'
/** Kafka's limit of them is 4096 bytes: offset.metadata.max.bytes. */
const mostNoted = 400
const encoder = new TextEncoder()

/**
 * Notes in the metadata of each commit what stores were kept of what was processed. Nothing else tells a changelog that
 * was deleted from that of a store which is new, where there is no plan file.
 */
export function notingStores(transport: Transport, { stores }: Plan): Transport {
  const made = stores.filter(({ partitions }) => partitions > 0)
  const committedMetadata = mark + made.slice(0, mostNoted).map(noteOf).join(',')
  type Committed = { readonly topics: readonly { readonly partitions: readonly object[] }[] }
  const noted = <R extends Committed>(request: R): R => ({
    ...request,
    topics: request.topics.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((partition) => ({ ...partition, committedMetadata })),
    })),
  })
  return {
    send(operation, request, options) {
      const isCommit = [offsetCommit.name, txnOffsetCommit.name].includes(operation.name)
      return transport.send(operation, isCommit ? noted(request as never) : request, options)
    },
    close: () => transport.close(),
  }
}

/** What the commits of an application say of its stores. */
export interface NotedStores {
  /** Whether a store was kept of what was processed, as far as that was noted. */
  isNoted(store: PlannedStore): boolean
  /** Whether the application was reset and has committed nothing since: then all stores begin with nothing. */
  readonly isReset: boolean
}

export async function notedStores(transport: Transport, application: string): Promise<NotedStores> {
  const notes = new Set<string>()
  const commits = (await commitsOf(transport, application)).filter(({ committedOffset }) => committedOffset >= 0)
  for (const { metadata } of commits)
    if (metadata?.startsWith(mark)) for (const note of metadata.slice(mark.length).split(',')) notes.add(note)
  // Those of internal topics may be there a while longer than the topics.
  const ofSources = commits.filter(
    ({ topic }) => !(topic.startsWith(`${application}-`) && topic.endsWith('-repartition')),
  )
  const isReset = ofSources.length > 0 && ofSources.every(({ metadata }) => metadata === resetMark)
  return { isNoted: (store) => notes.has(noteOf(store)), isReset }
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

function noteOf({ name }: PlannedStore): string {
  return crc32c(encoder.encode(name)).toString(16).padStart(8, '0')
}
