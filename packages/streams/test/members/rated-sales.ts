import type { StreamsBuilder } from '@kafkado/streams'

export const input = 'sales'
export const output = 'rated-totals'

/** Sums the sales of each shop, at the rate that all members know. */
export default function ratedSales(s: StreamsBuilder): ReturnType<ReturnType<StreamsBuilder['stream']>['to']> {
  const rates = s.globalTable<number>('rates', { name: 'rates' })
  return s
    .stream<number>(input)
    .join(rates, { key: () => 'EUR' })
    .mapValues((amount, rate) => amount * rate)
    .groupByKey()
    .reduce(0, (total, amount) => total + amount, { name: 'totals' })
    .to(output)
}
