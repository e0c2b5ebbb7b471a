import type { StreamsBuilder } from '@kafkado/streams'

/** Counts the records of all matching topics. */
export default (s: StreamsBuilder): unknown =>
  s
    .stream<number>(/^orders-/)
    .groupByKey()
    .count({ name: 'counts' })
    .mapValues((count) => count)
    .to('out')
