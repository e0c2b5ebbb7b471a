import { type Random, seededRandom } from '@kafkado/core'

/** The events of an auction house, as the Nexmark benchmark has them: 1 person and 3 auctions to 46 bids. */
export interface Person {
  id: number
  name: string
  city: string
  state: string
}

export interface Auction {
  id: number
  item: string
  seller: number
  category: number
  initialBid: number
}

export interface Bid {
  auction: number
  bidder: number
  price: number
}

export interface Event<V> {
  readonly key: string
  readonly value: V
  readonly timestamp: number
}

export interface NexmarkEvents {
  readonly persons: Event<Person>[]
  readonly auctions: Event<Auction>[]
  readonly bids: Event<Bid>[]
}

const states = ['OR', 'ID', 'CA', 'WA', 'AZ', 'WY']
const eventsPerSecond = 10_000

/** Makes that many events of all three kinds; the same seed makes the same ones. */
export function nexmarkEvents(count: number, seed = 1): NexmarkEvents {
  const random = seededRandom(seed)
  const events: NexmarkEvents = { persons: [], auctions: [], bids: [] }
  const start = Date.UTC(2026, 0, 1)
  for (let index = 0; index < count; index++) {
    const timestamp = start + Math.floor((index * 1000) / eventsPerSecond)
    const kind = index % 50
    if (kind === 0) events.persons.push(personAt(events.persons.length, timestamp, random))
    else if (kind <= 3) events.auctions.push(auctionAt(events, timestamp, random))
    else events.bids.push(bidAt(events, timestamp, random))
  }
  return events
}

function personAt(id: number, timestamp: number, random: Random): Event<Person> {
  const state = states[pick(states.length, random)] as string
  return { key: `p${id}`, timestamp, value: { id, name: `person ${id}`, city: `city ${pick(100, random)}`, state } }
}

function auctionAt({ auctions, persons }: NexmarkEvents, timestamp: number, random: Random): Event<Auction> {
  const id = auctions.length
  const value = {
    id,
    item: `item ${pick(1000, random)}`,
    seller: recent(persons.length, random),
    category: 10 + pick(5, random),
    initialBid: 1 + pick(100, random),
  }
  return { key: `a${id}`, timestamp, value }
}

function bidAt({ auctions, persons }: NexmarkEvents, timestamp: number, random: Random): Event<Bid> {
  const auction = recent(auctions.length, random)
  return {
    key: `a${auction}`,
    timestamp,
    value: { auction, bidder: recent(persons.length, random), price: 100 + pick(10_000, random) },
  }
}

/** Mostly of the last hundred: what is hot changes. */
function recent(count: number, random: Random): number {
  if (count === 0) return 0
  return Math.max(0, count - 1 - pick(Math.min(count, random.next() < 0.9 ? 100 : count), random))
}

function pick(count: number, random: Random): number {
  return Math.floor(random.next() * count)
}
