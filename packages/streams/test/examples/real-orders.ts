import { existsSync, readFileSync } from 'node:fs'

/** A line of an order. */
export interface OrderLine {
  orderId: string
  product: string
  quantity: number
  price: number
  amount: number
  customerId: string
  country: string
  /** Milliseconds since the epoch; the files have no time zone. */
  time: number
}

const real = new URL('../../../../../shared/data/online_retail.csv', import.meta.url)
const shipped = new URL('../../../../examples/orders.csv', import.meta.url)

/** The UCI Online Retail sample where it lies beside the checkout; else the made-up orders of the examples. */
const file = existsSync(real) ? real : shipped
if (file === shipped)
  console.warn(`SKIPPED: the real orders are not at ${real.pathname}; those of the examples take their place`)

/** Under which names the columns are found. */
const columns = {
  orderId: ['InvoiceNo', 'orderId'],
  product: ['StockCode', 'product'],
  quantity: ['Quantity', 'quantity'],
  price: ['UnitPrice', 'price'],
  date: ['InvoiceDate', 'date'],
  customerId: ['CustomerID', 'customerId'],
  country: ['Country', 'country'],
}

/** The lines of the orders, in the order of the file. */
export function realOrders(): OrderLine[] {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/)
  const names = fields(header)
  return lines.map((line) => {
    const row = fields(line)
    const field = (column: keyof typeof columns): string =>
      row[names.findIndex((name) => columns[column].includes(name))] ?? ''
    const [quantity, price] = [Number(field('quantity')), Number(field('price'))]
    return {
      orderId: field('orderId'),
      product: field('product'),
      quantity,
      price,
      amount: Math.round(quantity * price * 100) / 100,
      customerId: field('customerId').replace('.0', ''),
      country: field('country'),
      time: Date.parse(`${field('date').replace(' ', 'T')}Z`),
    }
  })
}

/** The fields of a line, some of them quoted with commas inside. */
function fields(line: string): string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, field = '']) =>
    field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
  )
}
