import { places } from '../../clients/client-places.ts'
import { describePatternSources } from './pattern-sources.ts'

const module = new URL('orders-module.ts', import.meta.url)

for (const [name, place] of Object.entries(places)) {
  describePatternSources(name, () => place({ heartbeatInterval: 100 }))
  describePatternSources(`${name}, in threads`, () => place({ heartbeatInterval: 100 }), { workers: 2, module })
}
