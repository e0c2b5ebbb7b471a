import { places } from '../../../../tests/clients/client-places.ts'
import { describeUnevenSources } from './uneven-sources.ts'

for (const [name, place] of Object.entries(places)) describeUnevenSources(name, () => place({ heartbeatInterval: 20 }))
