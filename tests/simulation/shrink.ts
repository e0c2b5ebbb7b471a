import type { ClientPlan } from './plan/client-plans.ts'
import type { Plan } from './plan/plan.ts'
import { type CheckedRun, simulatePlan } from './simulate.ts'
import { faultKinds } from './world/faults.ts'

/** Plans that are a little smaller than one, those that take most away first. */
type Cut = (run: CheckedRun) => Iterable<Plan>

/** A history that still shows it is worth waiting for, but not for ever. */
const mostRuns = 400

/**
 * Takes out of a plan what the violation does not need: clients, actions, kinds of faults, single faults, operations.
 */
export async function shrink(run: CheckedRun): Promise<CheckedRun> {
  const kind = run.violations[0]?.kind
  let smallest = run
  let runs = 0
  const isSmaller = async (plan: Plan): Promise<boolean> => {
    runs++
    // What is cut may break the simulation itself: that shows nothing.
    const tried = await simulatePlan(plan).catch(() => undefined)
    if (!tried?.violations.some((violation) => violation.kind === kind)) return false
    smallest = tried
    return true
  }
  for (let hasChanged = true; hasChanged && runs < mostRuns;) {
    hasChanged = false
    for (const cut of cuts)
      hasChanged =
        (await cutRepeatedly(
          cut,
          () => smallest,
          isSmaller,
          () => runs < mostRuns,
        )) || hasChanged
  }
  return smallest
}

async function cutRepeatedly(
  cut: Cut,
  smallest: () => CheckedRun,
  isSmaller: (plan: Plan) => Promise<boolean>,
  goesOn: () => boolean,
): Promise<boolean> {
  let hasChanged = false
  for (let again = true; again && goesOn();) {
    again = false
    for (const plan of cut(smallest())) {
      if (!goesOn()) break
      if (!(await isSmaller(plan))) continue
      again = hasChanged = true
      break
    }
  }
  return hasChanged
}

const withoutClients: Cut = function* ({ plan }) {
  for (const { name } of plan.clients)
    yield {
      ...plan,
      clients: plan.clients.filter((client) => client.name !== name),
      actions: plan.actions.filter(({ action }) => !('client' in action) || action.client !== name),
    }
}

const withoutActions: Cut = function* ({ plan }) {
  for (const rest of withoutParts(plan.actions)) yield { ...plan, actions: rest }
}

const withoutFaultKinds: Cut = function* ({ plan }) {
  for (const kind of faultKinds) if (plan.rates[kind] > 0) yield { ...plan, rates: { ...plan.rates, [kind]: 0 } }
}

const withoutFaults: Cut = function* ({ plan, history }) {
  const happened = history.events.flatMap((event) => {
    const name = event.type === 'fault' ? / (\S+\/\d+)$/.exec(event.fault)?.[1] : undefined
    return name === undefined ? [] : [name]
  })
  for (const rest of withoutParts(happened)) {
    const kept = new Set(rest)
    yield { ...plan, spared: [...plan.spared, ...happened.filter((name) => !kept.has(name))] }
  }
}

const fewerOperations: Cut = function* ({ plan }) {
  for (const [index, client] of plan.clients.entries())
    for (const smaller of smallerClients(client)) yield { ...plan, clients: plan.clients.with(index, smaller) }
}

function* smallerClients(client: ClientPlan): Iterable<ClientPlan> {
  if (client.kind === 'producer' && client.records > 1) {
    yield { ...client, records: Math.floor(client.records / 2) }
    yield { ...client, records: client.records - 1 }
  }
  if (client.kind === 'producer' && client.poisonRate > 0) yield { ...client, poisonRate: 0 }
  if (client.kind === 'producer' && client.tombstoneRate > 0) yield { ...client, tombstoneRate: 0 }
  if (client.kind === 'transactor') {
    if (client.transactions > 1) yield { ...client, transactions: Math.floor(client.transactions / 2) }
    if (client.recordsEach > 1) yield { ...client, recordsEach: 1 }
  }
  if ('throwRate' in client && client.throwRate > 0) yield { ...client, throwRate: 0 }
  if ('longRate' in client && client.longRate > 0) yield { ...client, longRate: 0 }
  if (client.kind === 'reader')
    for (const rate of ['failRate', 'leaveRate', 'pauseRate', 'seekRate', 'overlapRate'] as const)
      if (client[rate] > 0) yield { ...client, [rate]: 0 }
  if (client.clockMs !== 0) yield { ...client, clockMs: 0 }
  if (client.jumpRate > 0) yield { ...client, jumpRate: 0 }
  if (client.clockRate !== 1) yield { ...client, clockRate: 1 }
  if (client.travel !== 'apart') yield { ...client, travel: 'apart' }
  if (client.transport === 'http') yield { ...client, transport: 'embedded' }
}

const fewerPartitions: Cut = function* ({ plan }) {
  for (const [index, topic] of plan.topics.entries())
    if (topic.partitions > 1) yield { ...plan, topics: plan.topics.with(index, { ...topic, partitions: 1 }) }
}

const cuts: readonly Cut[] = [
  withoutClients,
  withoutActions,
  withoutFaultKinds,
  withoutFaults,
  fewerOperations,
  fewerPartitions,
]

/** A list without one half, then without each quarter, and so on to single ones. */
function* withoutParts<T>(list: readonly T[]): Iterable<T[]> {
  for (let size = Math.ceil(list.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = 0; from < list.length; from += size) yield [...list.slice(0, from), ...list.slice(from + size)]
}
