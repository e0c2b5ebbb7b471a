import { afterAll, beforeAll, describe } from 'vitest'
import { batchCases } from './transport/records/batch-cases.ts'
import { batchTimestampCases } from './transport/records/batch-timestamp-cases.ts'
import { fetchCases } from './transport/records/fetch-cases.ts'
import { groupCases } from './transport/groups/group-cases.ts'
import { heartbeatCases } from './transport/groups/heartbeat-cases.ts'
import { Harness, type MakeTransport, type TransportUnderTest } from './transport/harness/harness.ts'
import { leaderEpochCases } from './transport/records/leader-epoch-cases.ts'
import { offsetCases } from './transport/groups/offset-cases.ts'
import { produceCases } from './transport/records/produce-cases.ts'
import { isolationCases } from './transport/transactions/isolation-cases.ts'
import { recreatedTopicCases } from './transport/topics/recreated-topic-cases.ts'
import { repeatedElementCases } from './transport/repeated-element-cases.ts'
import { repeatedPartCases } from './transport/repeated-part-cases.ts'
import { requestCases } from './transport/request-cases.ts'
import { subscriptionCases } from './transport/groups/subscription-cases.ts'
import { topicCases } from './transport/topics/topic-cases.ts'
import { transactionCases } from './transport/transactions/transaction-cases.ts'
import { transactionEndCases } from './transport/transactions/transaction-end-cases.ts'
import { transactionGroupCases } from './transport/transactions/transaction-group-cases.ts'

export interface ConformanceOptions {
  /** Separates this run's names from those of earlier runs on the same cluster. */
  readonly run?: string
  /**
   * Whether acknowledged changes may show a little later, such as transaction markers, or new topics at the
   * coordinators of groups. Default false, right for a single node. Set it for a cluster.
   */
  readonly isEventual?: boolean
}

/**
 * The cases that every Transport has to pass, as a vitest suite: the answers of Apache Kafka, whatever stands behind
 * the transport.
 *
 * @param makeTransport called once; topics and groups have names of their own, so a cluster may be shared
 */
export function transportConformance(makeTransport: MakeTransport, options: ConformanceOptions = {}): void {
  const { run = 'conformance', isEventual = false } = options
  let subject: TransportUnderTest
  let harness: Harness
  beforeAll(async () => {
    subject = await makeTransport()
    harness = new Harness(subject.transport, run, isEventual)
  })
  afterAll(() => subject.close())
  const get = (): Harness => harness
  const patience = isEventual ? { timeout: 60_000 } : {}
  describe('requests', () => {
    requestCases(get)
    repeatedElementCases(get)
    repeatedPartCases(get)
  })
  describe('topics', patience, () => topicCases(get))
  describe('producing', patience, () => {
    produceCases(get)
    batchCases(get)
    batchTimestampCases(get)
  })
  describe('reading', patience, () => {
    fetchCases(get)
    leaderEpochCases(get)
  })
  describe('membership', patience, () => heartbeatCases(get))
  describe('subscriptions', patience, () => subscriptionCases(get))
  describe('groups', patience, () => {
    offsetCases(get)
    groupCases(get)
  })
  describe('topics made again', patience, () => recreatedTopicCases(get))
  describe('transactions', patience, () => {
    transactionCases(get)
    transactionEndCases(get)
    isolationCases(get)
    transactionGroupCases(get)
  })
}
