import { createStreamsBuilder, type Startable, type Stream } from '@kafkado/streams'
import { expect, it } from 'vitest'
import { noTransport } from '../../../../tests/vectors/no-transport.ts'
import { operatorsOf } from '../dsl/operator-classes.ts'

/** A stream that is grouped by its key, of whatever types. */
interface Grouping {
  groupByKey(): { count(): { to(topic: string): Startable } }
}
type Follow = (stream: Stream<string | null, string>) => Grouping

/** Operators behind which each record has the key that it had. */
const keeping: Readonly<Record<string, Follow>> = {
  filter: (stream) => stream.filter((value) => value !== ''),
  filterNot: (stream) => stream.filterNot((value) => value === ''),
  mapValues: (stream) => stream.mapValues((value) => value),
  flatMapValues: (stream) => stream.flatMapValues((value) => [value]),
  mapAsync: (stream) => stream.mapAsync((value) => Promise.resolve(value)),
  peek: (stream) => stream.peek(() => undefined),
  merge: (stream) => stream.merge(stream),
  split: (stream) => stream.split({ none: () => false }, { default: 'rest' }).rest,
  processValues: (stream) => stream.processValues((context) => (value) => context.forward(value)),
  toTable: (stream) => stream.toTable().toStream(),
  join: (stream) => stream.join(stream, { window: 10 }).mapValues((left) => left),
  leftJoin: (stream) => stream.leftJoin(stream, { window: 10 }).mapValues((left) => left),
  outerJoin: (stream) => stream.outerJoin(stream, { window: 10 }).mapValues((left) => left ?? ''),
}

/** Operators behind which a record may have another key. */
const changing: Readonly<Record<string, Follow>> = {
  map: (stream) => stream.map((value) => value),
  flatMap: (stream) => stream.flatMap((value) => [value]),
  selectKey: (stream) => stream.selectKey<string | null>((value) => value),
  process: (stream) => stream.process<string | null, string>((context) => (value, key) => context.forward(key, value)),
}

const ends = 'nothing follows'
const groups = 'it groups the stream'
const ofTopic = 'what follows is read from a topic'

/** Operators of streams behind which there is no stream of these records. */
const without: Readonly<Record<string, string>> = {
  branch: ends,
  forEach: ends,
  print: ends,
  to: ends,
  groupBy: groups,
  groupByKey: groups,
  window: groups,
  repartition: ofTopic,
  through: ofTopic,
}

it('each operator of streams keeps keys or changes them, or is named with why not', () => {
  const known = [keeping, changing, without].flatMap((operators) => Object.keys(operators))
  expect(operatorsOf('stream').toSorted()).toEqual(known.toSorted())
})

it.each(Object.entries(keeping))('%s leaves a key where it is', (_, follow) => {
  expect(repartitionsBehind(follow)).toBe(0)
  // An earlier change of the key still counts.
  expect(repartitionsBehind((stream) => follow(stream.selectKey<string | null>((value) => value)))).toBe(1)
})

it.each(Object.entries(changing))('%s sends what follows through a repartition', (_, follow) => {
  expect(repartitionsBehind(follow)).toBe(1)
})

function repartitionsBehind(follow: Follow): number {
  const counts = follow(createStreamsBuilder(noTransport).stream<string>('in')).groupByKey().count().to('counts')
  return counts.topology().nodes.filter(({ kind }) => kind === 'repartition').length
}
