import { existsSync, readFileSync } from 'node:fs'

/** A line of a real order. */
export interface OrderLine {
  orderId: string
  product: string
  quantity: number
  price: number
  amount: number
  customerId: string
  country: string
  /** Milliseconds since the epoch; the file has no time zone. */
  time: number
}

const file = new URL('../../../shared/data/online_retail.csv', import.meta.url)

/** Whether the file of real orders is beside the checkout. */
export const hasRealOrders: boolean = existsSync(file)
if (!hasRealOrders) console.warn(`SKIPPED: the real orders are not at ${file.pathname}`)

/** The lines of the UCI Online Retail sample, in the order of the file. */
export function realOrders(): OrderLine[] {
  const [, ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/)
  return lines.map((line) => {
    const [orderId = '', product = '', , quantity = '', date = '', price = '', customer = '', country = ''] =
      fields(line)
    const cents = Math.round(Number(quantity) * Number(price) * 100)
    return {
      orderId,
      product,
      quantity: Number(quantity),
      price: Number(price),
      amount: cents / 100,
      customerId: customer.replace('.0', ''),
      country,
      time: Date.parse(`${date.replace(' ', 'T')}Z`),
    }
  })
}

/** The fields of a line, some of them quoted with commas inside. */
function fields(line: string): string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, field = '']) =>
    field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
  )
}
