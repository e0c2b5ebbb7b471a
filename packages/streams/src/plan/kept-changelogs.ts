import { metadata, produce, type Transport } from '@kafkado/core'
import type { Plan } from './plan.ts'

/**
 * Writes to changelogs, and never makes them: a start does, with the partitions and the configuration that they need. A
 * server that made one on first use, because it was deleted under a running member, would keep what changes from then
 * on, and for some days: the next start would go on with that in place of the state, and nobody would know.
 *
 * @param present gives the plan as it is now
 */
export function keepingChangelogs(transport: Transport, present: () => Plan): Transport {
  let known: { readonly plan: Plan; readonly changelogs: ReadonlySet<string> } | undefined
  const isChangelog = (topic: string): boolean => {
    const plan = present()
    if (known?.plan !== plan) known = { plan, changelogs: new Set(plan.stores.map(({ changelog }) => changelog)) }
    return known.changelogs.has(topic)
  }
  type Asked = { readonly topics: readonly (string | { readonly topic: string })[] | null }
  const isKept = ({ topics }: Asked): boolean =>
    topics?.some((one) => isChangelog(typeof one === 'string' ? one : one.topic)) === true
  return {
    send(operation, request, options) {
      const mayMake = [metadata.name, produce.name].includes(operation.name)
      const isToKeep = mayMake && isKept(request as typeof request & Asked)
      return transport.send(operation, isToKeep ? { ...request, allowAutoTopicCreation: false } : request, options)
    },
    close: () => transport.close(),
  }
}
