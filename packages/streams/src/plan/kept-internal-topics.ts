import { codeOf, intercept, metadata, produce, type Transport } from '@kafkado/core'
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
  const kept = <Request>(request: Request): Request => ({ ...request, allowAutoTopicCreation: false })

  async function lookUp<Request, Answer>({ request, send, signal }: Sent<Request, Answer>): Promise<Answer> {
    const { topics } = request as Request & MetadataRequest
    const own = topics?.filter((topic) => internal().has(topic)) ?? [...internal()]
    if (own.length === 0) return send(request)
    const answer = await send(kept(request))
    const isMade = await deleted.makeAgain(missingIn(answer as Answer & MetadataResponse, own), signal)
    const there = isMade ? await send(kept(request)) : answer
    deleted.note((there as Answer & MetadataResponse).topics)
    return there
  }

  async function write<Request, Answer>({ request, send, signal }: Sent<Request, Answer>): Promise<Answer> {
    const { topics } = request as Request & ProduceRequest
    if (!topics.some(({ topic }) => internal().has(topic))) return send(request)
    const answer = await send(kept(request))
    const missing = (answer as Answer & ProduceResponse).topics.filter(isRefused).map(({ topic }) => topic)
    // The producer asks for the topic next, and gets the error that prevents it from being made.
    await deleted.makeAgain(missing, signal).catch(() => false)
    return answer
  }

  return intercept(transport, (next) => (operation, request, options) => {
    const send = (asked: typeof request): ReturnType<typeof next<typeof operation>> => next(operation, asked, options)
    if (operation.name === metadata.name) return lookUp({ request, send, signal: options?.signal })
    if (operation.name === produce.name) return write({ request, send, signal: options?.signal })
    return send(request)
  })
}

/** A request, and the way it is sent. */
interface Sent<Request, Answer> {
  readonly request: Request
  readonly send: (request: Request) => Promise<Answer>
  readonly signal: AbortSignal | undefined
}

function isRefused({ partitions }: ProduceResponse['topics'][number]): boolean {
  return partitions.some(({ errorCode }) => errorCode === unknownTopic)
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
