import * as messages from '@kafkado/messages'

/** Metadata (API key 3): the brokers, and the leaders of the partitions of topics given by name or by id. */
export const metadataApi = messages.metadata.at(12)

export type MetadataAnswer = ReturnType<typeof metadataApi.response.read>
export type TopicAnswer = MetadataAnswer['topics'][number]
