import { createStreamsBuilder } from '@kafkado/streams'
import { expect, it } from 'vitest'
import { type ClassOfOperators, made, operatorsOf } from '../../packages/streams/test/dsl/operator-classes.ts'
import { buildTopology } from '../streams-oracle/build-topology.ts'
import { generateCase } from '../streams-oracle/generate-case.ts'
import { noTransport } from '../vectors/no-transport.ts'

const noOperator = 'it adds nothing to a topology'
const inVectors = 'compared with Kafka Streams by vectors of its own, in tests/vectors'
const noTwin = 'Kafka Streams has none'
const noOutput = 'it leaves nothing in a topic'
const ofStreams = 'made of the same processors as the one of streams'
const ofOthers = 'the same as the operators that it stands for'

/** What no case of the oracle calls, with the reason. */
const notGenerated: Readonly<Record<ClassOfOperators, Readonly<Record<string, string>>>> = {
  builder: {
    addGlobalStore: inVectors,
    addProcessor: inVectors,
    addSink: inVectors,
    addSource: inVectors,
    addStateStore: inVectors,
    describe: noOperator,
    explain: noOperator,
    start: noOperator,
    topology: noOperator,
  },
  stream: {
    branch: ofOthers,
    forEach: noOutput,
    mapAsync: noTwin,
    print: noOutput,
    processValues: inVectors,
    through: ofOthers,
  },
  joined: {
    filter: ofStreams,
    forEach: noOutput,
    map: ofStreams,
    peek: ofStreams,
    print: noOutput,
    to: ofOthers,
    toStream: ofOthers,
  },
  table: { forEach: noOutput, to: ofOthers, transformValues: inVectors },
  grouped: {},
  groupedTable: {},
  cogrouped: {},
  windowed: { groupBy: ofOthers, groupByKey: ofOthers },
  windowedGrouped: {},
  windowedTable: { forEach: noOutput, late: noTwin },
  global: {},
}

/** The operators that are called while cases are built. */
function calledBy(build: () => void): Map<ClassOfOperators, Set<string>> {
  const called = new Map<ClassOfOperators, Set<string>>()
  const restored = (Object.keys(notGenerated) as ClassOfOperators[]).flatMap((name) => {
    const own = new Set<string>()
    called.set(name, own)
    return operatorsOf(name).map((operator) => watched(made[name]() as object, operator, () => own.add(operator)))
  })
  build()
  for (const restore of restored) restore()
  return called
}

/** @returns what makes the method as it was */
function watched(of: object, method: string, onCall: () => void): () => void {
  let owner = of
  while (!Object.hasOwn(owner, method)) owner = Object.getPrototypeOf(owner) as object
  const before = Object.getOwnPropertyDescriptor(owner, method) as PropertyDescriptor
  const call = before.value as (...given: unknown[]) => unknown
  const value = function (this: object, ...given: unknown[]): unknown {
    onCall()
    return call.apply(this, given)
  }
  Object.defineProperty(owner, method, { ...before, value })
  return () => Object.defineProperty(owner, method, before)
}

it('every operator is compared with Kafka Streams, or is named with why not', () => {
  const called = calledBy(() => {
    for (let seed = 1; seed <= 400; seed++)
      buildTopology(createStreamsBuilder(noTransport), generateCase(seed).operators)
  })
  const missing = Object.fromEntries(
    [...called].map(([name, own]) => [
      name,
      operatorsOf(name)
        .filter((operator) => !own.has(operator))
        .toSorted(),
    ]),
  )
  const named = Object.fromEntries(
    Object.entries(notGenerated).map(([name, own]) => [name, Object.keys(own).toSorted()]),
  )
  expect(missing).toEqual(named)
})
