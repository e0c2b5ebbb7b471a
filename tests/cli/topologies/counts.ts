import type { StreamsBuilder } from '@kafkado/streams'

/** Counts orders by customer, and again what comes out of a topic in between. */
export default function counts(s: StreamsBuilder): void {
  const totals = s
    .stream<{ customer: string }>('orders')
    .groupBy(({ customer }) => customer)
    .count({ name: 'totals', value: 'json' })
  totals.to('totals')
  s.stream<number>('totals').through('between').groupByKey().count({ name: 'changes' }).to('changes')
}
