/**
 * The most that requests may say in texts which the engine keeps. Here for all of them, whatever transport a request
 * comes by. Names of topics have their own form (topic-registry.ts), and values of topic settings as well
 * (topic-config.ts).
 */

/**
 * Ids of groups, members, instances and transactions, and racks, in bytes of UTF-8. They become parts of storage keys,
 * whose length is limited. Kafka's limit is 32,767.
 */
export const mostIdentifierBytes = 512

/** Metadata kept with a committed offset, in characters. Kafka: offset.metadata.max.bytes, which counts them, too. */
export const mostOffsetMetadataCharacters = 4096

/** Topics that a member subscribes to by name. Each heartbeat of the group may go through all of them. Not in Kafka. */
export const mostSubscribedNames = 10_000

/** The longest name that a topic can have. A subscription may name topics that do not exist yet. */
export const mostTopicNameCharacters = 249

/** A regular expression, in characters. Its parts are counted as well, see expression-weight.ts. Not in Kafka. */
export const mostExpressionCharacters = 2000

/** More than the length of any topic name. Compiling and matching take time in proportion, and block the engine. */
export const mostExpressionWeight = 500

/** Different regular expressions of a group. Each is matched with all topics when these change. Not in Kafka. */
export const mostExpressionsOfGroup = 10

/** A value of a topic setting, in characters; the longest valid one that means something is far shorter. */
export const mostSettingCharacters = 250
