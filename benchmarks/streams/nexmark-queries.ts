import {
  hoppingWindow,
  keyValue,
  type Startable,
  type StreamsBuilder,
  tumblingWindow,
  type Windowed,
} from '@kafkado/streams'
import type { Auction, Bid, Person } from './nexmark-events.ts'

/** Told of each result. */
export type OnResult = () => void

/** The queries of Nexmark that these operators can say, and a keyed count. */
export const queries: Readonly<Record<string, (s: StreamsBuilder, onResult: OnResult) => Startable>> = {
  'q1 currency conversion': (s, onResult) =>
    s
      .stream<Bid>('bids')
      .mapValues((bid) => ({ ...bid, price: bid.price * 0.908 }))
      .forEach(onResult),
  'q2 selection': (s, onResult) =>
    s
      .stream<Bid>('bids')
      .filter(({ auction }) => auction % 123 === 0)
      .mapValues(({ auction, price }) => ({ auction, price }))
      .forEach(onResult),
  'q3 local items': (s, onResult) =>
    s
      .stream<Auction>('auctions')
      .filter(({ category }) => category === 10)
      .selectKey(({ seller }) => `p${seller}`)
      .join(s.table<Person>('persons').filter(({ state }) => ['OR', 'ID', 'CA'].includes(state)))
      .mapValues((auction, { name, city, state }) => ({ name, city, state, id: auction.id }))
      .forEach(onResult),
  'q5 hot items': (s, onResult) =>
    s
      .stream<Bid>('bids')
      .groupByKey()
      .window(hoppingWindow('10s', '2s', { grace: 0, emit: 'final' }))
      .count()
      .toStream()
      .map((count, { key, start }: Windowed<string>) => keyValue(`${start}`, { auction: key, count }))
      .groupByKey()
      .reduce((hottest, other) => (other.count > hottest.count ? other : hottest))
      .forEach(onResult),
  'q7 highest bid': (s, onResult) =>
    s
      .stream<Bid>('bids')
      .map((bid) => keyValue('all', bid))
      .groupByKey()
      .window(tumblingWindow('10s', { grace: 0, emit: 'final' }))
      .reduce((highest, bid) => (bid.price > highest.price ? bid : highest))
      .forEach(onResult),
  'q8 new users': (s, onResult) =>
    s
      .stream<Person>('persons')
      .join(s.stream<Auction>('auctions'), {
        on: (person, auction) => person.id === auction.seller,
        window: '10s',
        grace: 0,
      })
      .mapValues(({ id, name }, { item }) => ({ id, name, item }))
      .forEach(onResult),
  'stateless: filter, map': (s, onResult) =>
    s
      .stream<Bid>('bids')
      .filter(({ price }) => price > 500)
      .map((bid) => ({ auction: bid.auction, cents: bid.price * 100 }))
      .forEach(onResult),
  'keyed count': (s, onResult) => s.stream<Bid>('bids').groupByKey().count().forEach(onResult),
  'tumbling count': (s, onResult) =>
    s
      .stream<Bid>('bids')
      .groupByKey()
      .window(tumblingWindow('1s', { grace: 0 }))
      .count()
      .forEach(onResult),
}
