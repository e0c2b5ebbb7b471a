import { places } from '../../../../tests/clients/client-places.ts'
import { describeApiExamples } from './api-examples.ts'

for (const [name, place] of Object.entries(places)) describeApiExamples(name, place)
