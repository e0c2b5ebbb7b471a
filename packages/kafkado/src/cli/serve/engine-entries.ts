import type { EmbeddedOptions } from '@kafkado/broker'
import type { Entry } from './entry.ts'

/** `storage` is about the folder alone, and a `runtime` is no text. */
type EngineName = Exclude<keyof EmbeddedOptions, 'storage' | 'runtime'>

/** What each option of the engine is, in a few words; its own docs say when to change it. None can be left out here. */
const ofEngine: Readonly<Record<EngineName, Omit<Entry, 'name'>>> = {
  sessionTimeout: {
    kind: 'duration',
    fallback: '45s',
    help: 'how long a group member may be silent before others get its partitions',
  },
  heartbeatInterval: { kind: 'duration', fallback: '5s', help: 'how often group members send a heartbeat' },
  scrubBytesPerSecond: {
    kind: 'integer',
    fallback: 4_194_304,
    help: 'how much stored data to compare with its checksums in the background; 0 switches it off',
  },
  autoCreateTopics: { kind: 'boolean', fallback: true, help: 'create a topic when it is first used' },
  defaultPartitions: { kind: 'integer', least: 1, fallback: 1, help: 'the partitions of such a topic' },
  maxPartitionsPerTopic: { kind: 'integer', least: 1, fallback: 10_000, help: 'the most partitions of a topic' },
  maxPartitionsPerRequest: {
    kind: 'integer',
    least: 1,
    fallback: 10_000,
    help: 'the most partitions that one request may make',
  },
  maxPartitionsInAll: { kind: 'integer', least: 1, fallback: 100_000, help: 'the most partitions of all topics' },
  maxTopics: { kind: 'integer', least: 1, fallback: 20_000, help: 'the most topics' },
  maxGroups: { kind: 'integer', least: 1, fallback: 100_000, help: 'the most groups' },
  maxGroupMembers: { kind: 'integer', least: 1, fallback: 1000, help: 'the most members of a group' },
  maxTransactionTimeout: { kind: 'duration', fallback: '15m', help: 'the longest that a transaction may take' },
  cleanupInterval: { kind: 'duration', fallback: '1m', help: 'how often to remove what is too old' },
  offsetsRetention: { kind: 'duration', fallback: '7d', help: 'how long to keep commits of an empty group' },
  transactionalIdExpiration: {
    kind: 'duration',
    fallback: '7d',
    help: 'how long to remember an unused transactional id',
  },
  producerIdExpiration: { kind: 'duration', fallback: '1d', help: 'how long to remember an inactive producer' },
  minFreeBytes: { kind: 'integer', fallback: 67_108_864, help: 'the reserve of the disk, which no write takes' },
  maxUncompressedBatchBytes: {
    kind: 'integer',
    least: 1,
    most: 134_217_728,
    help: 'the most that a compressed batch may become (default: 16 × max.message.bytes of the topic)',
  },
}

export const engineNames = Object.keys(ofEngine) as EngineName[]

export const engineEntries: readonly Entry[] = engineNames.map((name) => ({ name, ...ofEngine[name] }))
