import { defaultLimits, type Limits } from '@kafkado/server'
import type { Entry } from './entry.ts'

/** What each limit of the server is, in a few words; its own docs say when to change it. */
const helpOfLimits: Record<keyof Limits, string> = {
  maxBodyBytes: 'the longest body of a request',
  maxHeartbeatBytes: "the longest body of a group member's heartbeat (default: 4 × max-body-bytes)",
  maxHeaderBytes: 'the longest request line and headers together',
  maxPartitions: 'the most partitions, topics or groups that one request may name',
  maxResponseBytes: 'the largest answer to a fetch',
  requestTimeoutMs: 'how long a request may take, without the wait of a long poll, in milliseconds',
  maxLongPollMs: 'the longest wait of a fetch for records, in milliseconds; 10000 at most with --kafka',
  maxRequestsInFlight: 'how many requests may be under way at once, without long polls',
  maxLongPollsPerKey: 'how many long polls one API key may hold at once',
  maxBytesInFlight: 'how many bytes of bodies may be in memory at once',
}

/** Depend on others, so that their defaults are the server's. */
const withoutDefault = new Set<string>(['maxHeartbeatBytes', 'maxLongPollMs'])

export const limitNames = Object.keys(helpOfLimits) as (keyof Limits)[]

export const limitEntries: readonly Entry[] = limitNames.map((name) => ({
  name,
  kind: 'integer',
  least: name === 'maxLongPollMs' ? 0 : 1,
  ...(withoutDefault.has(name) ? {} : { fallback: defaultLimits[name] }),
  help: helpOfLimits[name],
}))
