import type { OrderTotals } from './order-totals.ts'

const barWidth = 28

/** Revenue and orders of each country, as bars in text. */
export function countryChart(totals: OrderTotals): string {
  const countries = totals.countries()
  const greatest = Math.max(...countries.map(({ revenueThousandths }) => revenueThousandths), 1)
  const nameWidth = Math.max(...countries.map(({ country }) => country.length), 7)
  const lines = countries.map(({ country, revenueThousandths, orders }) => {
    const bar = '█'.repeat(
      Math.max(Math.round((revenueThousandths / greatest) * barWidth), revenueThousandths > 0 ? 1 : 0),
    )
    return (
      `  ${country.padEnd(nameWidth)}  ${bar.padEnd(barWidth)} ${money(revenueThousandths).padStart(13)} ` +
      ` ${String(orders).padStart(5)} orders`
    )
  })
  return lines.join('\n')
}

/** Thousandths as a decimal with thousands apart, such as 12,345.670. */
export function money(amountThousandths: number): string {
  const whole = Math.trunc(Math.abs(amountThousandths) / 1000)
  const fraction = String(Math.abs(amountThousandths) % 1000).padStart(3, '0')
  return `${amountThousandths < 0 ? '-' : ''}${whole.toLocaleString('en-US')}.${fraction.replace(/0$/, '')}`
}

export function perSecond(count: number, tookMs: number): string {
  return `${Math.round(count / Math.max(tookMs / 1000, 0.001)).toLocaleString('en-US')} records a second`
}
