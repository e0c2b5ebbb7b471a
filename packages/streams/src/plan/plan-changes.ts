import { isOtherShape } from './internal-topics.ts'
import type { Plan } from './plan.ts'

/** A part that one plan has and the other lacks. */
export interface PlanChange {
  readonly change: 'added' | 'removed' | 'altered'
  readonly kind: 'store' | 'repartition'
  /** The name of a store, or of a repartition topic. */
  readonly name: string
  /** Its purpose, now or formerly. */
  readonly purpose: string
  /** The consequence for the next start. */
  readonly consequence: string
}

/** The differences between plans. Leaves out numbers of partitions, because they are unknown without a server. */
export function planChanges(last: Plan, now: Plan): PlanChange[] {
  const changes: PlanChange[] = []
  for (const store of now.stores) {
    const { name, purpose } = store
    const before = last.stores.find((one) => one.name === name)
    const common = { kind: 'store', name, purpose } as const
    if (!before) changes.push({ change: 'added', ...common, consequence: 'it begins with nothing' })
    else if (isOtherShape(before, store)) {
      const consequence = `its content cannot be read as this: give it another { name }, ${orDropped(name)}`
      changes.push({ change: 'altered', ...common, consequence })
    }
  }
  for (const { name, purpose } of last.stores) {
    if (now.stores.some((store) => store.name === name)) continue
    const consequence =
      'its state would be lost, so a start is refused: give the operator that replaces it this { name }, ' +
      `${orDropped(name)}`
    changes.push({ change: 'removed', kind: 'store', name, purpose, consequence })
  }
  const byRepartition = (plan: Plan) => new Map(plan.repartitions.map(({ topic, reason }) => [topic, reason]))
  const [before, after] = [byRepartition(last), byRepartition(now)]
  for (const [name, purpose] of after)
    if (!before.has(name))
      changes.push({ change: 'added', kind: 'repartition', name, purpose, consequence: 'the topic is made' })
  for (const [name, purpose] of before)
    if (!after.has(name)) {
      const consequence = 'unprocessed records in the topic would be lost: let the former version process them before'
      changes.push({ change: 'removed', kind: 'repartition', name, purpose, consequence })
    }
  return changes
}

const orDropped = (store: string): string => `or start once with dropState: ['${store}']`
