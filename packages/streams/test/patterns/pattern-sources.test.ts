import { places } from '../../../../tests/clients/client-places.ts'
import { describePatternSources } from './pattern-sources.ts'

const module = new URL('orders-module.ts', import.meta.url)

for (const [name, place] of Object.entries(places)) {
  describePatternSources(name, () => place({ heartbeatInterval: 20 }))
  describePatternSources(`${name}, in threads`, () => place({ heartbeatInterval: 20 }), {
    workers: { workers: 2, module },
  })
}
