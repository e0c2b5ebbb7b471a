import { type Anomaly, finding } from './anomaly.ts'

export const overlappingNext: Anomaly = {
  kind: 'overlapping-next',
  meaning:
    'two calls of next() at one time were given a record each: nobody can tell which one a further call finishes',
  *find(facts) {
    for (const event of facts.of('overlapping-next'))
      if (event.outcome === 'given') yield finding(`${event.consumer} was given a record by a second call`, event)
  },
}
