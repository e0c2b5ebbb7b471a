import { createKafkaClient } from 'kafkado'
import type { Dimension } from '../dimension.ts'

/** So many groups, of one member each, read the same topic at a time, commit and leave. */
export const groups: Dimension = {
  name: 'groups',
  sizes: [1, 10, 100, 1000, 3000],
  async run(size, meter) {
    const kafka = createKafkaClient('memory:')
    await kafka.produce('orders', { amount: 1 })
    meter.start()
    await Promise.all(
      Array.from({ length: size }, async (_, index) => {
        for await (const _record of kafka.consume('orders', { group: `shop-${index}`, offset: 'earliest' }).take(1))
          continue
      }),
    )
    meter.stop('join, read, commit and leave', size)
    const found = await kafka.admin.listGroups()
    if (found.length !== size) throw new Error(`${found.length} groups were found`)
    meter.stop('list groups, for each', size)
    await kafka.close()
  },
}
