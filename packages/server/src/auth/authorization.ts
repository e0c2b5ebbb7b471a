import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  type AnyOperation,
  capabilities,
  consumerGroupHeartbeat,
  createPartitions,
  createTopics,
  deleteGroups,
  deleteRecords,
  deleteTopics,
  describeConfigs,
  describeGroups,
  describeProducers,
  describeTransactions,
  endTxn,
  fetch,
  incrementalAlterConfigs,
  initProducerId,
  listGroups,
  listOffsets,
  listTransactions,
  metadata,
  offsetCommit,
  offsetDelete,
  offsetFetch,
  offsetForLeaderEpoch,
  produce,
  type RequestOf,
  type ResponseOf,
  txnOffsetCommit,
  UnauthorizedError,
  type KafkaErrorName,
} from '@kafkado/core'
import {
  isAllowed,
  isAllowedEverywhere,
  isAllowedSomewhere,
  type Need,
  type Scope,
  type ScopeResource,
} from './scopes.ts'

/** Who sends a request. Without `scopes` there are no keys on this server, and everything is allowed. */
export interface Principal {
  readonly keyId: string
  readonly scopes: readonly Scope[] | undefined
}

export const anonymous: Principal = { keyId: '', scopes: undefined }

interface Rule<Request, Response> {
  /** Everything it would do, one need for every element of a batch. */
  readonly needs: (request: Request) => Need[]
  /** Whether a need that has no name is met. */
  readonly permits?: (scopes: readonly Scope[], request: Request) => boolean
  /** Takes back what the request asks for beyond its needs, before it is carried out. */
  readonly restrict?: (scopes: readonly Scope[], request: Request) => Request
  /** Takes out of a listing what the key may not see. */
  readonly conceal?: (scopes: readonly Scope[], response: Response) => Response
}

// The table holds rules of all types; `rule` alone writes to it, and ties each to the types of its operation.
// oxlint-disable-next-line typescript/no-explicit-any
const rules = new Map<string, Rule<any, any>>()

function rule<O extends AnyOperation>(operation: O, given: Rule<RequestOf<O>, ResponseOf<O>>): void {
  rules.set(operation.name, given)
}

const need = (operation: Need['operation'], resource: ScopeResource, name: string): Need => ({
  operation,
  resource,
  name,
})
const topicsOf = (operation: Need['operation'], topics: readonly { topic: string }[] | null | undefined): Need[] =>
  (topics ?? []).map(({ topic }) => need(operation, 'topic', topic))

rule(capabilities, { needs: () => [] })
rule(produce, {
  needs: ({ topics, transactionalId }) => [
    ...topicsOf('write', topics),
    ...(transactionalId === null ? [] : [need('write', 'transactionalId', transactionalId)]),
  ],
})
rule(fetch, { needs: ({ topics }) => topicsOf('read', topics) })
rule(listOffsets, { needs: ({ topics }) => topicsOf('describe', topics) })
rule(metadata, {
  needs: ({ topics }) => (topics ?? []).map((topic) => need('describe', 'topic', topic)),
  restrict: (scopes, request) => ({
    ...request,
    allowAutoTopicCreation:
      request.allowAutoTopicCreation &&
      (request.topics ?? []).every((topic) => isAllowed(scopes, need('create', 'topic', topic))),
  }),
  conceal: (scopes, response) => ({
    ...response,
    topics: response.topics.filter(({ topic }) => isAllowed(scopes, need('describe', 'topic', topic))),
  }),
})
rule(offsetCommit, { needs: ({ groupId, topics }) => [need('read', 'group', groupId), ...topicsOf('read', topics)] })
rule(offsetFetch, {
  needs: ({ groupId, topics }) => [need('describe', 'group', groupId), ...topicsOf('describe', topics)],
  conceal: (scopes, response) => ({
    ...response,
    topics: response.topics.filter(({ topic }) => isAllowed(scopes, need('describe', 'topic', topic))),
  }),
})
rule(offsetDelete, { needs: ({ groupId, topics }) => [need('delete', 'group', groupId), ...topicsOf('read', topics)] })
rule(consumerGroupHeartbeat, {
  needs: ({ groupId, subscribedTopicNames, topicPartitions }) => [
    need('read', 'group', groupId),
    ...(subscribedTopicNames ?? []).map((topic) => need('describe', 'topic', topic)),
    ...topicsOf('describe', topicPartitions),
  ],
  // Which topics an expression matches is only known behind the transport, so it takes the right to see them all.
  permits: (scopes, { subscribedTopicRegex }) =>
    !subscribedTopicRegex || isAllowedEverywhere(scopes, 'topic', 'describe'),
})
rule(initProducerId, {
  needs: ({ transactionalId }) => (transactionalId === null ? [] : [need('write', 'transactionalId', transactionalId)]),
  permits: (scopes, { transactionalId }) => transactionalId !== null || isAllowedSomewhere(scopes, 'topic', 'write'),
})
rule(offsetForLeaderEpoch, { needs: ({ topics }) => topicsOf('describe', topics) })
rule(addPartitionsToTxn, {
  needs: ({ transactionalId, topics }) => [
    need('write', 'transactionalId', transactionalId),
    ...topicsOf('write', topics),
  ],
})
rule(addOffsetsToTxn, {
  needs: ({ transactionalId, groupId }) => [
    need('write', 'transactionalId', transactionalId),
    need('read', 'group', groupId),
  ],
})
rule(txnOffsetCommit, {
  needs: ({ transactionalId, groupId, topics }) => [
    need('write', 'transactionalId', transactionalId),
    need('read', 'group', groupId),
    ...topicsOf('read', topics),
  ],
})
rule(endTxn, { needs: ({ transactionalId }) => [need('write', 'transactionalId', transactionalId)] })
rule(describeProducers, { needs: ({ topics }) => topicsOf('read', topics) })
rule(describeTransactions, {
  needs: ({ transactionalIds }) => transactionalIds.map((id) => need('describe', 'transactionalId', id)),
  conceal: (scopes, response) => ({
    ...response,
    transactionStates: response.transactionStates.map((state) => ({
      ...state,
      topics: state.topics.filter(({ topic }) => isAllowed(scopes, need('describe', 'topic', topic))),
    })),
  }),
})
rule(listTransactions, {
  needs: () => [],
  conceal: (scopes, response) => ({
    ...response,
    transactionStates: response.transactionStates.filter(({ transactionalId }) =>
      isAllowed(scopes, need('describe', 'transactionalId', transactionalId)),
    ),
  }),
})
rule(createTopics, { needs: ({ topics }) => topicsOf('create', topics) })
rule(deleteTopics, { needs: ({ topics }) => topics.map((topic) => need('delete', 'topic', topic)) })
rule(deleteRecords, { needs: ({ topics }) => topicsOf('delete', topics) })
rule(createPartitions, { needs: ({ topics }) => topicsOf('alter', topics) })
rule(describeConfigs, {
  needs: ({ resources }) => resources.map(({ resourceName }) => need('describeConfigs', 'topic', resourceName)),
})
rule(incrementalAlterConfigs, {
  needs: ({ resources }) => resources.map(({ resourceName }) => need('alterConfigs', 'topic', resourceName)),
})
rule(listGroups, {
  needs: () => [],
  conceal: (scopes, response) => ({
    ...response,
    groups: response.groups.filter(({ groupId }) => isAllowed(scopes, need('describe', 'group', groupId))),
  }),
})
rule(describeGroups, { needs: ({ groupIds }) => groupIds.map((groupId) => need('describe', 'group', groupId)) })
rule(deleteGroups, { needs: ({ groups }) => groups.map((groupId) => need('delete', 'group', groupId)) })

/** Whether the operation has a rule; one without is refused to every key. */
export function hasRule(operation: AnyOperation): boolean {
  return rules.has(operation.name)
}

/**
 * The request, less what the key may not ask for.
 *
 * @throws UnauthorizedError naming the first thing that the key may not do; nothing of the request is carried out
 */
export function authorize<O extends AnyOperation>(
  principal: Principal,
  operation: O,
  request: RequestOf<O>,
): RequestOf<O> {
  const { scopes, keyId } = principal
  if (scopes === undefined) return request
  const applicable = rules.get(operation.name)
  if (!applicable) throw new UnauthorizedError(`${operation.name} is not open to API keys`)
  for (const one of applicable.needs(request)) {
    if (isAllowed(scopes, one)) continue
    throw new UnauthorizedError(`API key '${keyId}' has no scope to ${one.operation} ${one.resource} '${one.name}'`, {
      kafkaName: refusalOf[one.resource],
    })
  }
  if (applicable.permits?.(scopes, request) === false)
    throw new UnauthorizedError(`API key '${keyId}' has no scope for this ${operation.name} request`)
  return applicable.restrict ? (applicable.restrict(scopes, request) as RequestOf<O>) : request
}

/** The response, less what the key may not see. */
export function conceal<O extends AnyOperation>(
  principal: Principal,
  operation: O,
  response: ResponseOf<O>,
): ResponseOf<O> {
  const hide = rules.get(operation.name)?.conceal
  return principal.scopes && hide ? (hide(principal.scopes, response) as ResponseOf<O>) : response
}

const refusalOf: Record<ScopeResource, KafkaErrorName> = {
  topic: 'TOPIC_AUTHORIZATION_FAILED',
  group: 'GROUP_AUTHORIZATION_FAILED',
  transactionalId: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
}
