import type { StreamsBuilder } from '@kafkado/streams'

/** Values of all topics that match, and where they came from. */
export default function orders(s: StreamsBuilder): unknown {
  return s
    .stream<number>(/^orders-/)
    .mapValues((value, _key, { topic }) => ({ topic, value }))
    .to('out')
}
