import type { StreamsBuilder } from '@kafkado/streams'

/** Counts what comes in all topics that match. */
export default function patterns(s: StreamsBuilder): unknown {
  return s
    .stream(/^sales-/)
    .groupBy((_value, _key, { topic }) => topic)
    .count({ name: 'sales' })
}
