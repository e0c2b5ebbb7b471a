/** An order of about 200 bytes as JSON, as different from the last one as real ones are. */
export interface SampleOrder {
  readonly orderId: string
  readonly customer: string
  readonly amount: number
  readonly items: readonly { readonly sku: string; readonly quantity: number }[]
  readonly note: string
}

export function sampleOrder(index: number): SampleOrder {
  return {
    orderId: `order-${index}`,
    customer: `customer-${index % 997}`,
    amount: (index % 10_000) / 100,
    items: [
      { sku: `sku-${index % 83}`, quantity: 1 + (index % 5) },
      { sku: `sku-${index % 61}`, quantity: 2 },
    ],
    note: 'leave it at the door, please'.padEnd(40, '.'),
  }
}
