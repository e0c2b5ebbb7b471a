import { type ErrorFields, failed } from '../errors/error-fields.ts'

/** A topic as requests name it: by its name, and where they say so with the id that it has to have. */
export interface MeantTopic {
  readonly topic: string
  readonly topicId?: string | null | undefined
}

/** Whether the topic with this id is the one meant; without an id whatever has the name is. */
export function isMeant({ topicId }: MeantTopic, knownId: string | null | undefined): boolean {
  return topicId === undefined || topicId === null || topicId === knownId
}

/**
 * What is wrong with the id that a request says; undefined when it says none, or that of the topic.
 *
 * @param knownId the id that the topic of that name has; undefined when there is none
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
  // Which one is told to nobody: who asks may have no right to know that topic.
  if (other !== undefined && other !== topic)
    return failed('INCONSISTENT_TOPIC_ID', `the id ${topicId} is that of another topic than '${topic}'`)
  const now = knownId ? `the topic of that name now has the id ${knownId}` : 'there is none of that name now'
  return failed('UNKNOWN_TOPIC_ID', `there is no topic '${topic}' with the id ${topicId}; ${now}`)
}
