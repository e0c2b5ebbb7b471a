import { afterAll, beforeAll, describe } from 'vitest'
import { fetchCases } from './transport/fetch-cases.ts'
import { groupCases } from './transport/group-cases.ts'
import { heartbeatCases } from './transport/heartbeat-cases.ts'
import { Harness, type MakeTransport, type TransportUnderTest } from './transport/harness.ts'
import { leaderEpochCases } from './transport/leader-epoch-cases.ts'
import { produceCases } from './transport/produce-cases.ts'
import { isolationCases } from './transport/isolation-cases.ts'
import { subscriptionCases } from './transport/subscription-cases.ts'
import { topicCases } from './transport/topic-cases.ts'
import { transactionCases } from './transport/transaction-cases.ts'
import { transactionEndCases } from './transport/transaction-end-cases.ts'
import { transactionGroupCases } from './transport/transaction-group-cases.ts'

/**
 * The cases that every Transport has to pass, as a vitest suite: what Apache Kafka answers, whoever stands behind the transport.
 *
 * @param makeTransport is called once; topics and groups have names of their own, so a cluster may be shared
 * @param run tells this run's names from those of earlier runs on the same cluster
 */
export function transportConformance(makeTransport: MakeTransport, run = 'conformance'): void {
  let subject: TransportUnderTest
  let harness: Harness
  beforeAll(async () => {
    subject = await makeTransport()
    harness = new Harness(subject.transport, run)
  })
  afterAll(() => subject.close())
  const get = (): Harness => harness
  describe('topics', () => topicCases(get))
  describe('producing', () => produceCases(get))
  describe('reading', () => {
    fetchCases(get)
    leaderEpochCases(get)
  })
  describe('membership', () => heartbeatCases(get))
  describe('subscriptions', () => subscriptionCases(get))
  describe('groups', () => groupCases(get))
  describe('transactions', () => {
    transactionCases(get)
    transactionEndCases(get)
    isolationCases(get)
    transactionGroupCases(get)
  })
}
