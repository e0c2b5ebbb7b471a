import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { measureStart } from '../../startup/measure-start.ts'
import { bareNode, subjects } from '../../startup/subjects.ts'
import { type Comparison, NotMeasurable, type Target } from '../comparison.ts'
import { amount } from '../judges.ts'
import { startOurs } from '../server-process.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const core = 'import @kafkado/core'

/** Rows of `npm run bench -- startup`. */
export const start: readonly Comparison[] = [
  {
    name: 'start',
    targets: [
      first('start-memory-produced', 'memory: produced'),
      first('start-memory-consumed', 'memory: and consumed'),
      first('start-http-produced', 'http: produced'),
      first('start-http-consumed', 'http: and consumed'),
      over('import-core-cpu', 'import of core, CPU', core, amount('cpuMs', 'ms', 'CPU ms over bare Node'), 25),
      over('import-core-memory', 'import of core, memory', core, amount('megabytes', 'MB', 'MB over bare Node'), 10),
    ],
    settings: 'Processes of plain Node on the built packages, against node --eval with nothing to do.',
    warmUp: 'one process each, for the caches of the file system',
    async open() {
      if (!existsSync(join(root, 'packages', 'kafkado', 'dist')))
        throw new NotMeasurable('the packages are not built: npm run build')
      const server = await startOurs('memory')
      const names = [bareNode, core, 'memory: produced', 'memory: and consumed', 'http: produced', 'http: and consumed']
      const sides = names.map((name) => {
        const subject = subjects[name]
        if (!subject) throw new Error(`nothing is started as '${name}'`)
        return { name, measure: async () => ({ ...(await measureStart(root, subject, server.url)) }) }
      })
      for (const side of sides) await side.measure()
      return { sides, close: () => server.close() }
    },
  },
]

function first(name: string, ours: string): Target {
  return over(
    name,
    `process start until ${ours.replace(' and', '')}`,
    ours,
    amount('elapsedMs', 'ms', 'ms over bare Node'),
    200,
  )
}

function over(name: string, what: string, ours: string, judged: ReturnType<typeof amount>, atMost: number): Target {
  return { name, what, ours, against: [bareNode], ...judged, target: atMost }
}
