import type { Limits } from '@kafkado/server'
import { defaultLimits } from '@kafkado/server/internal'
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
  minBytesPerSecond: 'how slowly a client may send a body or take an answer, in bytes a second; 0 allows any rate',
  maxRequestsInFlight: 'how many requests may be under way at once, without long polls',
  maxRequestsPerConnection: 'how many requests one connection may have under way at once',
  maxLongPollsPerKey: 'how many long polls one API key may hold at once',
  maxNewPartitionsPerHourPerKey: 'how many partitions one API key may make in an hour',
  maxNewGroupsPerHourPerKey: 'how many groups one API key may make in an hour',
  maxBytesInFlight: 'how many bytes of bodies and of unread answers may be in memory at once',
  maxBytesInFlightPerKey: 'how many of these bytes one API key may hold (default: a quarter of them)',
  maxBytesPerConnection: 'how many of these bytes one connection may hold (default: two answers or a heartbeat)',
  maxBytesPerSecondPerKey: 'how many bytes a second one API key may send and receive; 0 sets no limit',
  maxRequestsPerSecondPerKey: 'how many requests a second one API key may send; 0 sets no limit',
  maxConnections: 'how many connections may be open at once',
  maxConnectionsPerAddress: 'how many connections one address may have (default: half of max-connections)',
}

/** Depend on others, so that their defaults are the server's. */
const withoutDefault = new Set<string>([
  'maxHeartbeatBytes',
  'maxLongPollMs',
  'maxBytesInFlightPerKey',
  'maxBytesPerConnection',
  'maxConnectionsPerAddress',
])

const mayBeNothing = new Set<string>([
  'maxLongPollMs',
  'minBytesPerSecond',
  'maxBytesPerSecondPerKey',
  'maxRequestsPerSecondPerKey',
])

export const limitNames = Object.keys(helpOfLimits) as (keyof Limits)[]

export const limitEntries: readonly Entry[] = limitNames.map((name) => ({
  name,
  kind: 'integer',
  least: mayBeNothing.has(name) ? 0 : 1,
  ...(withoutDefault.has(name) ? {} : { fallback: defaultLimits[name] }),
  help: helpOfLimits[name],
}))
