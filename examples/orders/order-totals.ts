import type { OrderLine } from './order-line.ts'

/** The totals of the consumers. */
export class OrderTotals {
  records = 0
  /** Records that arrived more than once: there should be none. */
  repeated = 0
  readonly #seen = new Set<string>()
  readonly #countries = new Map<string, { revenueThousandths: number; orders: Set<string> }>()

  add(partition: number, offset: number, { order, country, revenueThousandths }: OrderLine): void {
    const place = `${partition}/${offset}`
    if (this.#seen.has(place)) this.repeated++
    this.#seen.add(place)
    this.records++
    const totals = this.#countries.get(country) ?? { revenueThousandths: 0, orders: new Set() }
    totals.revenueThousandths += revenueThousandths
    this.#countries.set(country, { ...totals, orders: totals.orders.add(order) })
  }

  /** Countries by revenue, greatest first. */
  countries(): { country: string; revenueThousandths: number; orders: number }[] {
    return [...this.#countries]
      .map(([country, { revenueThousandths, orders }]) => ({ country, revenueThousandths, orders: orders.size }))
      .sort((left, right) => right.revenueThousandths - left.revenueThousandths)
  }
}
