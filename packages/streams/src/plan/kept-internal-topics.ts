import { codeOf, intercept, metadata, produce, type SendOptions, type Transport } from '@kafkado/core'
import type { MetadataRequest, MetadataResponse, ProduceRequest, ProduceResponse } from '@kafkado/core/protocol'
import type { DeletedRepartitions } from './deleted-repartitions.ts'
import type { Plan } from './plan.ts'

const unknownTopic = codeOf('UNKNOWN_TOPIC_OR_PARTITION')

/**
 * Keeps servers from making an internal topic on first use, with other partitions and another configuration. A
 * changelog deleted under a running member is not made again: the next start would take the changes since then for the
 * whole state, and nobody would know. A repartition topic is made again as it was as soon as an answer says that it is
 * gone.
 *
 * @param present gives the current plan
 */
export function keepingInternalTopics(
  transport: Transport,
  present: () => Plan,
  deleted: DeletedRepartitions,
): Transport {
  const internal = internalTopicsOf(present)

  async function lookUp(request: MetadataRequest, options: SendOptions | undefined): Promise<MetadataResponse> {
    const own = request.topics?.filter((topic) => internal().has(topic)) ?? [...internal()]
    if (own.length === 0) return transport.send(metadata, request, options)
    const asked = { ...request, allowAutoTopicCreation: false }
    const answer = await transport.send(metadata, asked, options)
    const isMade = await deleted.makeAgain(missingIn(answer, own), options?.signal)
    const there = isMade ? await transport.send(metadata, asked, options) : answer
    deleted.note(there.topics)
    return there
  }

  async function write(request: ProduceRequest, options: SendOptions | undefined): Promise<ProduceResponse> {
    if (!request.topics.some(({ topic }) => internal().has(topic))) return transport.send(produce, request, options)
    const answer = await transport.send(produce, { ...request, allowAutoTopicCreation: false }, options)
    const refused = answer.topics.filter(({ partitions }) => partitions.some((one) => one.errorCode === unknownTopic))
    const missing = refused.map(({ topic }) => topic)
    // The producer asks for the topic next, and gets the error that prevents it from being made.
    await deleted.makeAgain(missing, options?.signal).catch(() => false)
    return answer
  }

  return intercept(transport, (next) => (operation, request, options) => {
    if (operation.name === metadata.name) return lookUp(request as MetadataRequest, options) as never
    if (operation.name === produce.name) return write(request as ProduceRequest, options) as never
    return next(operation, request, options)
  })
}

function internalTopicsOf(present: () => Plan): () => ReadonlySet<string> {
  let plan: Plan | undefined
  let topics: ReadonlySet<string> = new Set()
  return () => {
    if (plan === present()) return topics
    plan = present()
    topics = new Set([...plan.stores.map(({ changelog }) => changelog), ...plan.repartitions.map(({ topic }) => topic)])
    return topics
  }
}

/** Those that the answer reports as missing. */
function missingIn({ topics }: MetadataResponse, own: readonly string[]): readonly string[] {
  const answers = new Map(topics.map(({ topic, errorCode }) => [topic, errorCode]))
  return own.filter((topic) => (answers.get(topic) ?? unknownTopic) === unknownTopic)
}
