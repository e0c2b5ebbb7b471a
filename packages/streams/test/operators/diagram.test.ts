import { createStreamsBuilder } from '@kafkado/streams'
import { expect, it } from 'vitest'
import { noTransport } from '../../../../tests/vectors/no-transport.ts'

it('a topology draws itself: topics, parts, stores, and every edge once', () => {
  const s = createStreamsBuilder(noTransport)
  const rates = s.globalTable<number>('rates')
  s.stream<{ customer: string; amount: number }>('orders')
    .join(rates, { key: () => 'EUR' })
    .map((order, rate) => ({ ...order, amount: order.amount * rate }))
    .groupBy((order) => order.customer)
    .reduce(0, (total, order) => total + order.amount, { name: 'totals' })
    .to('totals')
  expect(s.describe().mermaid).toBe(
    `flowchart TD
  subgraph part0["Part 0"]
    n1["join rates"]
    n2["map"]
    n3["groupBy"]
    s0[("rates-global")]
  end
  subgraph part1["Part 1"]
    n5["totals"]
    n6["toStream"]
    n7["to totals"]
    s1[("totals")]
  end
  n4(["repartition orders-rates-by-customer"])
  t0(["topic totals"])
  t1(["topic orders"])
  t2(["topic rates"])
  n1 -.- s0
  n5 -.- s1
  n7 --> t0
  t1 --> n1
  n1 --> n2
  n2 --> n3
  n3 --> n4
  n4 --> n5
  n5 --> n6
  n6 --> n7
  t2 --> s0`,
  )
  expect(s.describe().text).toContain('    join rates (global store rates-global)\n      → map\n')
})
