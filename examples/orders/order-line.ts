/**
 * One line of an order, whatever the file calls its fields. Money is exact: in thousandths, because prices have up to
 * three decimals.
 */
export interface OrderLine {
  readonly order: string
  readonly customer: string
  readonly country: string
  readonly revenueThousandths: number
  readonly timestamp: number | undefined
}

type Row = Readonly<Record<string, unknown>>

/** Possible names of the fields; the first match counts. Case, spaces and underscores do not matter. */
const names = {
  order: ['invoiceno', 'orderid', 'order', 'id'],
  customer: ['customerid', 'customer', 'userid', 'user'],
  country: ['country', 'region'],
  quantity: ['quantity', 'count', 'qty'],
  price: ['unitprice', 'price', 'amount', 'total', 'revenue'],
  time: ['invoicedate', 'timestamp', 'date', 'time', 'createdat'],
} as const

/** Reads a record of the order file. Missing fields read as unknown, one piece, or nothing. */
export function orderLineOf(value: unknown): OrderLine {
  const row = normalized(value)
  const find = (field: keyof typeof names): string => {
    const name = names[field].find((candidate) => row[candidate] !== undefined && row[candidate] !== null)
    return name === undefined ? '' : String(row[name]).trim()
  }
  const quantity = find('quantity')
  const time = find('time')
  const timestamp =
    time === '' ? Number.NaN : Date.parse(/\dZ$|[+-]\d\d:?\d\d$/.test(time) ? time : `${time.replace(' ', 'T')}Z`)
  return {
    order: find('order'),
    customer: find('customer'),
    country: find('country') || 'unknown',
    revenueThousandths: (quantity === '' ? 1 : Number(quantity)) * thousandths(find('price')),
    timestamp: Number.isFinite(timestamp) && timestamp >= 0 ? timestamp : undefined,
  }
}

/** Decimal string as a whole number of thousandths, without a float in between. */
function thousandths(text: string): number {
  const match = /^(-?)(\d*)(?:\.(\d+))?$/.exec(text)
  if (!match) return 0
  const [, sign, whole = '', fraction = ''] = match
  const value = Number(whole || '0') * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'))
  return sign === '-' ? -value : value
}

function normalized(value: unknown): Row {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).map(([name, content]) => [name.toLowerCase().replace(/[\s_-]/g, ''), content]),
  )
}
