import type { Target } from './target.ts'

/** What is fuzzed. Each is loaded when it is asked for, as it brings what it tests along. */
const targets: Readonly<Record<string, () => Promise<Target>>> = {
  varints: async () => (await import('./targets/records.ts')).varints,
  'batch-headers': async () => (await import('./targets/records.ts')).batchHeaders,
  'record-batches': async () => (await import('./targets/records.ts')).recordBatches,
  'record-headers': async () => (await import('./targets/records.ts')).recordHeaders,
  gzip: async () => (await import('./targets/compression.ts')).gzip,
  zstd: async () => (await import('./targets/compression.ts')).zstd,
  snappy: async () => (await import('./targets/compression.ts')).snappy,
  lz4: async () => (await import('./targets/compression.ts')).lz4,
  serdes: async () => (await import('./targets/serdes.ts')).serdesTarget,
  appends: async () => (await import('./targets/appends.ts')).appends,
  'http-frames': async () => (await import('./targets/http-bodies.ts')).httpFrames,
  'request-bodies': async () => (await import('./targets/http-bodies.ts')).requestBodies,
  'http-requests': async () => (await import('./targets/http-requests.ts')).httpRequests,
  'http-answers': async () => (await import('./targets/http-answers.ts')).httpAnswers,
  'wire-answers': async () => (await import('./targets/wire.ts')).wireAnswers,
  'wire-requests': async () => (await import('./targets/messages.ts')).wireRequests,
  'wire-operations': async () => (await import('./targets/wire.ts')).wireOperations,
  sasl: async () => (await import('./targets/sasl.ts')).saslMessages,
  'kept-texts': async () => (await import('./targets/kept-files.ts')).keptTexts,
  'lmdb-pages': async () => (await import('./targets/kept-files.ts')).lmdbPages,
  'stored-state': async () => (await import('./targets/stored-state.ts')).storedState,
  'journal-folders': async () => (await import('./targets/journal-folders.ts')).journalFolders,
  'state-folders': async () => (await import('./targets/state-folders.ts')).stateFolders,
  'topic-expressions': async () => (await import('./targets/topic-expressions.ts')).topicExpressions,
  'streams-bytes': async () => (await import('./targets/streams.ts')).streamsBytes,
  'stream-queries': async () => (await import('./targets/stream-queries.ts')).streamQueries,
  configuration: async () => (await import('./targets/configuration.ts')).configuration,
  'connection-texts': async () => (await import('./targets/configuration.ts')).connectionTexts,
  'server-urls': async () => (await import('./targets/configuration.ts')).serverUrls,
  'json-lines': async () => (await import('./targets/cli-records.ts')).jsonLines,
  'csv-rows': async () => (await import('./targets/cli-records.ts')).csvRows,
}

/** For the test of the fuzzer itself. */
const others: typeof targets = {
  'broken-on-purpose': async () => (await import('./targets/broken-on-purpose.ts')).brokenOnPurpose,
}

export const targetNames: readonly string[] = Object.keys(targets)

const openers: ReadonlySet<string> = new Set(['journal-folders', 'state-folders'])

/** Whether a run opens a whole folder, as an engine or streams do when they start: it goes through many decoders. */
export function opensFolders(target: string): boolean {
  return openers.has(target)
}

/** @param runs how many a decoder gets. One that opens folders takes so much longer that it gets a tenth. */
export function runsOf(target: string, runs: number): number {
  return opensFolders(target) ? Math.ceil(runs / 10) : runs
}

export function targetNamed(name: string): Promise<Target> {
  const load = targets[name] ?? others[name]
  if (load) return load()
  return Promise.reject(new Error(`there is no target '${name}', only ${targetNames.join(', ')}`))
}
