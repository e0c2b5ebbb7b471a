import { type ErrorFields, failed } from '../errors/error-fields.ts'

/** A topic as requests name it: by name, and perhaps with the id that it must have. */
export interface MeantTopic {
  readonly topic: string
  readonly topicId?: string | null | undefined
}

/** Whether the topic with this id is the one meant. Without an id, any topic with the name is. */
export function isMeant({ topicId }: MeantTopic, knownId: string | null | undefined): boolean {
  return topicId === undefined || topicId === null || topicId === knownId
}

/**
 * The error of a topic id in a request; undefined when the request has none, or the right one.
 *
 * @param knownId the present id of the topic with that name; undefined when there is none
 */
export function wrongId(
  meant: MeantTopic,
  knownId: string | null | undefined,
  nameOfId: (topicId: string) => string | undefined,
): ErrorFields | undefined {
  if (isMeant(meant, knownId)) return undefined
  const { topic } = meant
  const topicId = meant.topicId as string
  const other = nameOfId(topicId)
  // Do not reveal which topic it is: the caller may not be allowed to see it.
  if (other !== undefined && other !== topic)
    return failed('INCONSISTENT_TOPIC_ID', `the id ${topicId} belongs to another topic, and not to '${topic}'`)
  const now = knownId ? `the topic of that name now has the id ${knownId}` : 'there is none of that name now'
  return failed('UNKNOWN_TOPIC_ID', `there is no topic '${topic}' with the id ${topicId}; ${now}`)
}
