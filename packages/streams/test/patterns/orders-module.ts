import type { StreamsBuilder } from '@kafkado/streams'

/** The values of all matching topics, and their origin. */
export default function orders(s: StreamsBuilder): unknown {
  return s
    .stream<number>(/^orders-/)
    .mapValues((value, _key, { topic }) => ({ topic, value }))
    .to('out')
}
