import type { StreamsBuilder } from '@kafkado/streams'

export const application = 'sums'
export const input = 'payments'
export const output = 'sums'

export interface Payment {
  customerId: string
  amount: number
}

/** Sums the payments of each customer. They have another key, so they go through a repartition. */
export default function sums(s: StreamsBuilder): ReturnType<ReturnType<StreamsBuilder['stream']>['to']> {
  return s
    .stream<Payment>(input)
    .groupBy((payment) => payment.customerId)
    .reduce(0, (total, payment) => total + payment.amount, { name: 'totals' })
    .to(output)
}
