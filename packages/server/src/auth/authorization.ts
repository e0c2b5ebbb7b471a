import {
  type AnyOperation,
  capabilities,
  codeOf,
  consumerGroupHeartbeat,
  describeGroups,
  describeTransactions,
  initProducerId,
  listGroups,
  listTransactions,
  metadata,
  offsetFetch,
  produce,
  type RequestOf,
  type ResponseOf,
  UnauthorizedError,
  type KafkaErrorName,
} from '@kafkado/core'
import { allOperations, schemasOf } from '@kafkado/core/internal'
import {
  isAllowed,
  isAllowedEverywhere,
  isAllowedSomewhere,
  type Need,
  type Scope,
  type ScopeResource,
} from './scopes.ts'

/** The sender of a request. Without `scopes`, this server has no keys and allows everything. */
export interface Principal {
  readonly keyId: string
  /** Set if it sent a token that the key issued. */
  readonly tokenId?: string | undefined
  readonly scopes: readonly Scope[] | undefined
}

export const anonymous: Principal = { keyId: '', scopes: undefined }

interface Rule<Request, Response> {
  /** Everything the request would do: one need for each element of a batch. */
  readonly needs: (request: Request) => Need[]
  /** Whether a need without a name is met. */
  readonly permits?: (scopes: readonly Scope[], request: Request) => boolean
  /** The error where it is not. Default TOPIC_AUTHORIZATION_FAILED. */
  readonly refusal?: KafkaErrorName
  /** Reduces the request to what its needs cover, before it is carried out. */
  readonly restrict?: (scopes: readonly Scope[], request: Request) => Request
  /** Removes from a listing what the key may not see. */
  readonly conceal?: (scopes: readonly Scope[], response: Response) => Response
}

// The table holds rules of all types; `rule` and `ruleOf` alone write to it, and tie each rule to the types of its
// operation.
// oxlint-disable-next-line typescript/no-explicit-any
type AnyRule = Rule<any, any>
const rules = new Map<string, AnyRule>()

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

// These needs do not follow from the names in a request, or only in part. Core states the needs of all other
// operations.
rule(capabilities, { needs: () => [] })
rule(produce, {
  needs: ({ topics, transactionalId }) => [
    ...topicsOf('write', topics),
    ...(transactionalId === null ? [] : [need('write', 'transactionalId', transactionalId)]),
  ],
  // Writing to a missing topic would create it, which needs another right.
  restrict: (scopes, request) =>
    request.topics.every(({ topic }) => isAllowed(scopes, need('create', 'topic', topic)))
      ? request
      : { ...request, allowAutoTopicCreation: false },
})
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
rule(offsetFetch, {
  needs: ({ groupId, topics }) => [need('describe', 'group', groupId), ...topicsOf('describe', topics)],
  conceal: (scopes, response) => ({
    ...response,
    topics: response.topics.filter(({ topic }) => isAllowed(scopes, need('describe', 'topic', topic))),
  }),
})
rule(consumerGroupHeartbeat, {
  needs: ({ groupId, subscribedTopicNames, topicPartitions }) => [
    need('read', 'group', groupId),
    ...(subscribedTopicNames ?? []).map((topic) => need('describe', 'topic', topic)),
    ...topicsOf('describe', topicPartitions),
  ],
  // Only the transport knows the topics that an expression matches, so the key must be allowed to see all of them.
  permits: (scopes, { subscribedTopicRegex }) =>
    !subscribedTopicRegex || isAllowedEverywhere(scopes, 'topic', 'describe'),
  // Another key may have subscribed the member. Without these topics in the answer, it would own them unknowingly, so
  // there is no answer.
  conceal: (scopes, response) => {
    const topics = response.assignment?.topicPartitions ?? []
    if (topics.every(({ topic }) => isAllowed(scopes, need('describe', 'topic', topic)))) return response
    throw new UnauthorizedError(
      `member '${response.memberId}' was assigned topics that the API key has no scope to describe`,
      { kafkaName: refusalOf.topic, outcome: 'unknown' },
    )
  },
})
rule(initProducerId, {
  needs: ({ transactionalId }) => (transactionalId === null ? [] : [need('write', 'transactionalId', transactionalId)]),
  permits: (scopes, { transactionalId }) => transactionalId !== null || isAllowedSomewhere(scopes, 'topic', 'write'),
  // As in Kafka: the request names no topic that the key could be refused.
  refusal: 'CLUSTER_AUTHORIZATION_FAILED',
})
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
rule(describeGroups, {
  needs: ({ groupIds }) => groupIds.map((groupId) => need('describe', 'group', groupId)),
  // A member without some of its topics would look like one that owns less. So the answer hides the whole group, as in
  // Kafka. An expression tells of names too, and only keys that may see all topics subscribe by one.
  conceal: (scopes, response) => {
    const isSeen = (group: DescribedGroup): boolean =>
      topicsIn(group).every((topic) => isAllowed(scopes, need('describe', 'topic', topic))) &&
      (group.members.every(({ subscribedTopicRegex }) => subscribedTopicRegex === null) ||
        isAllowedEverywhere(scopes, 'topic', 'describe'))
    return { ...response, groups: response.groups.map((group) => (isSeen(group) ? group : hidden(group))) }
  },
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
rule(listGroups, {
  needs: () => [],
  conceal: (scopes, response) => ({
    ...response,
    groups: response.groups.filter(({ groupId }) => isAllowed(scopes, need('describe', 'group', groupId))),
  }),
})

type DescribedGroup = ResponseOf<typeof describeGroups>['groups'][number]

function topicsIn({ members }: DescribedGroup): string[] {
  return members.flatMap(({ subscribedTopicNames, assignment, targetAssignment }) => [
    ...subscribedTopicNames,
    ...assignment.map(({ topic }) => topic),
    ...targetAssignment.map(({ topic }) => topic),
  ])
}

function hidden({ groupId }: DescribedGroup): DescribedGroup {
  return {
    errorCode: codeOf('TOPIC_AUTHORIZATION_FAILED'),
    errorMessage: `the members of group '${groupId}' read topics that the API key has no scope to describe`,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    assignorName: '',
    members: [],
  }
}

/**
 * Returns the rule of the operation, if it has one; without a rule every key is refused. A rule of this file comes
 * before the needs in core.
 */
export function ruleOf(operation: AnyOperation): AnyRule | undefined {
  const known = rules.get(operation.name)
  if (known) return known
  const fields = allOperations.includes(operation) ? schemasOf(operation).needs : undefined
  if (!fields) return undefined
  const made: Rule<Readonly<Record<string, Named>>, unknown> = {
    needs: (request) =>
      fields.flatMap(([what, resource, field]) => namesIn(request[field]).map((name) => need(what, resource, name))),
  }
  rules.set(operation.name, made)
  return made
}

/** The possible content of a field that a need names. */
type Named = string | null | readonly (string | { readonly topic: string } | { readonly resourceName: string })[]

function namesIn(named: Named | undefined): readonly string[] {
  // Requests are checked before. So this need names a field that its operation does not have.
  if (named === undefined)
    throw new TypeError('a need of the operation is about a field that its request does not have')
  if (named === null) return []
  if (typeof named === 'string') return [named]
  return named.map((one) => {
    if (typeof one === 'string') return one
    return 'topic' in one ? one.topic : one.resourceName
  })
}

/**
 * Returns the request, reduced to what the key may ask for.
 *
 * @throws UnauthorizedError naming the first thing the key may not do; nothing of the request is carried out
 */
export function authorize<O extends AnyOperation>(
  principal: Principal,
  operation: O,
  request: RequestOf<O>,
): RequestOf<O> {
  const { scopes, keyId } = principal
  if (scopes === undefined) return request
  const applicable = ruleOf(operation)
  if (!applicable) throw new UnauthorizedError(`${operation.name} is not open to API keys`)
  for (const one of applicable.needs(request)) {
    if (isAllowed(scopes, one)) continue
    throw new UnauthorizedError(`API key '${keyId}' has no scope to ${one.operation} ${one.resource} '${one.name}'`, {
      kafkaName: refusalOf[one.resource],
    })
  }
  if (applicable.permits?.(scopes, request) === false)
    throw new UnauthorizedError(`API key '${keyId}' has no scope for this ${operation.name} request`, {
      kafkaName: applicable.refusal ?? refusalOf.topic,
    })
  return applicable.restrict ? (applicable.restrict(scopes, request) as RequestOf<O>) : request
}

/** Returns the response without what the key may not see. */
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
