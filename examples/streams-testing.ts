// A topology in a test: no server, no waiting, and a clock advanced by hand.
import { tumblingWindow } from '@kafkado/streams'
import { createMockKafka } from '@kafkado/testing'
import { TopologyTestDriver } from '@kafkado/testing/streams'

interface Click {
  page: string
}

const kafka = createMockKafka()
const s = kafka.streams()
const counts = s
  .stream<Click>('clicks')
  .groupBy((click) => click.page)
  .window(tumblingWindow('1m', { emit: 'final' }))
  .count({ name: 'clicks-per-minute' })
counts.late().to('late-clicks')
const driver = new TopologyTestDriver(counts.to('counts'))

driver.pipe('clicks', { value: { page: '/' }, timestamp: 0 })
driver.pipe('clicks', { value: { page: '/' }, timestamp: 59_999 })
console.log(driver.read('counts').length)
//> 0
driver.pipe('clicks', { value: { page: '/about' }, timestamp: 60_000 })
driver.pipe('clicks', { value: { page: '/' }, timestamp: 3 })
for (const { key, value } of driver.read('counts')) console.log(JSON.stringify(key), value)
//> {"key":"/","start":0,"end":60000} 2
console.log(driver.read('late-clicks').length, driver.dropped())
//> 1 { late: 1 }

// Does it survive a restart? The driver rebuilds the stores from their changelogs.
driver.restart()
driver.pipe('clicks', { value: { page: '/about' }, timestamp: 61_000 })
console.log([...driver.store('clicks-per-minute')])
//> [ [ { key: '/about', start: 60000, end: 120000 }, 2 ] ]
console.log(driver.trace().filter(({ what }) => what === 'dropped').length)
//> 1

// If a predicate does not reveal the keys, name them.
try {
  const [left, right] = [s.stream<Click>('left'), s.stream<Click>('right')]
  left.join(right, { on: (one, other) => one.page.startsWith(other.page), window: '1h' })
} catch (error) {
  console.log((error as Error).message)
}
//> join: the keys cannot be told from `on`, because it does more than compare properties; name them: on: { left: (l) => …, right: (r) => … }
await kafka.close()
