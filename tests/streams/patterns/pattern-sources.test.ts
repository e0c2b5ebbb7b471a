import { places } from '../../clients/client-places.ts'
import { describePatternSources } from './pattern-sources.ts'

for (const [name, place] of Object.entries(places))
  describePatternSources(name, () => place({ heartbeatInterval: 100 }))
