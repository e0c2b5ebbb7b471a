import { type AnyOperation, consumerGroupHeartbeat, UnauthorizedError } from '@kafkado/core'
import { allOperations, schemasOf } from '@kafkado/core/internal'
import { describe, expect, it } from 'vitest'
import { nullableListsIn, type Path, sampleOf, stringsIn } from '../../test/schema-samples.ts'
import { may } from '../../test/secured-server.ts'
import { authorize, conceal } from './authorization.ts'
import { scopeResources } from './scopes.ts'

/** May do everything with resources called 'mine', and nothing else. */
const principal = { keyId: 'k', scopes: scopeResources.map((resource) => may('all', 'mine', resource)) }

/**
 * Strings of requests that no scope restricts. A rule has to check every string outside this list. Ids of topics are
 * UUIDs beside a name, and the engine compares the two.
 */
const harmlessInRequests: Readonly<Record<string, readonly Path[]>> = {
  offsetCommit: ['memberId', 'groupInstanceId', 'topics[].partitions[].committedMetadata'],
  txnOffsetCommit: ['memberId', 'groupInstanceId', 'topics[].partitions[].committedMetadata'],
  offsetFetch: ['memberId'],
  consumerGroupHeartbeat: ['memberId', 'instanceId', 'rackId', 'serverAssignor'],
  createTopics: ['topics[].configs[].name', 'topics[].configs[].value'],
  describeConfigs: ['resources[].configurationKeys[]'],
  incrementalAlterConfigs: ['resources[].configs[].name', 'resources[].configs[].value'],
  listGroups: ['statesFilter[]', 'typesFilter[]'],
  listTransactions: ['stateFilters[]'],
}

/** Lists where null asks for no more than before, or that name nothing. */
const harmlessWhenNull: Readonly<Record<string, readonly Path[]>> = {
  consumerGroupHeartbeat: ['subscribedTopicNames', 'topicPartitions'],
  describeConfigs: ['resources[].configurationKeys'],
}

/** Strings of answers that reveal no topic, group or transactional id, or only those the key asked for by name. */
const harmlessInAnswers: Readonly<Record<string, readonly Path[]>> = {
  capabilities: ['server', 'storage', 'operations[]'],
  metadata: ['clusterId', 'brokers[].host', 'brokers[].rack', 'topics[].topicId'],
  offsetFetch: ['topics[].partitions[].metadata'],
  createTopics: ['topics[].topicId'],
  deleteTopics: ['topics[].topicId'],
  describeConfigs: ['results[].configs[].name', 'results[].configs[].value'],
  listGroups: ['groups[].protocolType', 'groups[].groupState', 'groups[].groupType'],
  listTransactions: ['unknownStateFilters[]', 'transactionStates[].transactionState'],
  describeTransactions: ['transactionStates[].transactionState'],
  describeGroups: [
    'groups[].groupState',
    'groups[].assignorName',
    ...['memberId', 'instanceId', 'rackId', 'clientId', 'clientHost'].map((field) => `groups[].members[].${field}`),
  ],
  consumerGroupHeartbeat: ['memberId'],
}

const each = allOperations.map((operation) => [operation.name, operation] as const)
/** The samples name things more than once, which is refused before any rule sees it. */
const attempt = (operation: AnyOperation, request: object): unknown => authorize(principal, operation, request)

/** A subscription by expression asks for every topic, whatever the expression. */
function requestOf(operation: AnyOperation, other?: Path, chosen = 0): object {
  const sample = sampleOf(schemasOf(operation).request, other, chosen) as object
  return operation === consumerGroupHeartbeat && other !== 'subscribedTopicRegex'
    ? { ...sample, subscribedTopicRegex: null }
    : sample
}

describe('every string of a request is looked at by a rule, or known to name nothing', () => {
  it.each(each)('%s', (name, operation) => {
    const harmless = harmlessInRequests[name] ?? []
    const paths = stringsIn(schemasOf(operation).request)
    expect(paths).toEqual(expect.arrayContaining([...harmless]))
    expect(() => attempt(operation, requestOf(operation))).not.toThrow()
    for (const path of paths) {
      for (const place of [0, 1]) {
        const request = requestOf(operation, path, place)
        const error = expect(() => attempt(operation, request), `${path}, element ${place}`)
        if (harmless.includes(path)) error.not.toThrow()
        else error.toThrow(/no scope (to \w+ \w+ 'other'|for this)/)
      }
    }
  })
})

/** The answer that the key gets: what is left of it, or the error in its place. */
function toldOf(operation: AnyOperation, response: object): unknown {
  try {
    return conceal(principal, operation, response)
  } catch (error) {
    return UnauthorizedError.is(error) ? error.message : error
  }
}

/** Groups with an expression are hidden for it alone, whatever else they tell. */
const expressionless = '"subscribedTopicRegex":null'
const withoutExpressions = (sample: unknown): object =>
  JSON.parse(JSON.stringify(sample).replaceAll('"subscribedTopicRegex":"mine"', expressionless)) as object

describe('every string of an answer is hidden where the key may not see it, or known to tell nothing', () => {
  it.each(each)('%s', (name, operation) => {
    const { request, response } = schemasOf(operation)
    const harmless = harmlessInAnswers[name] ?? []
    const asked = nullableListsIn(request).includes(operation.elements?.asked ?? '') ? undefined : operation.elements
    const paths = stringsIn(response)
    expect(paths).toEqual(expect.arrayContaining([...harmless]))
    for (const path of paths) {
      if (harmless.includes(path) || path.endsWith('errorMessage')) continue
      // The element of an answer names a requested element, which was allowed by name.
      if (asked && new RegExp(`^${asked.answered}\\[\\]\\.(topic|groupId|transactionalId|resourceName)$`).test(path))
        continue
      for (const place of [0, 1]) {
        const told = toldOf(operation, withoutExpressions(sampleOf(response, path, place)))
        expect(JSON.stringify(told), `${path}, element ${place}`).not.toContain('other')
      }
    }
    // An expression is shown only to keys that may see all topics.
    const seen = withoutExpressions(sampleOf(response))
    expect(JSON.stringify(toldOf(operation, seen))).toBe(JSON.stringify(seen))
  })
})

describe('a list that may be null, which asks for everything there is, has its answer looked through', () => {
  it.each(each)('%s', (name, operation) => {
    const { request, response } = schemasOf(operation)
    const harmless = harmlessWhenNull[name] ?? []
    expect(nullableListsIn(request)).toEqual(expect.arrayContaining([...harmless]))
    for (const path of nullableListsIn(request)) {
      if (harmless.includes(path)) continue
      expect(operation.elements?.asked).toBe(path)
      const sample = { ...requestOf(operation), [path]: null }
      expect(() => attempt(operation, sample)).not.toThrow()
      const answered = `${operation.elements?.answered}[].topic`
      const told = conceal(principal, operation, sampleOf(response, answered) as object)
      expect(JSON.stringify(told)).not.toContain('other')
    }
  })
})
