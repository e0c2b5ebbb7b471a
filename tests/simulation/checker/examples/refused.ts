import { type Examples, story } from './example.ts'

const copied = { type: 'fault', fault: 'copied p/0', operation: 'produce' } as const

/** What was said to have failed. */
export const refused: readonly Examples[] = [
  {
    kind: 'failed-but-written',
    found: {
      'a failed send is there': () => story().sends('a', { outcome: 'failed' }).log('a'),
      'a failed send was read and is removed since': () =>
        story({ hasRetention: true }).sends('a', { outcome: 'failed' }).reads('a@0').log('', { start: 1 }),
      'a failed send is there, and a request of somebody else was copied': () =>
        story().send('a').add('q', copied).sent('a', { outcome: 'failed' }).log('a'),
      'a failed send is there, and other requests were copied': () =>
        story()
          .add('p', copied)
          .send('a')
          .add('p', { type: 'fault', fault: 'copied p/1', operation: 'metadata' })
          .sent('a', { outcome: 'failed' })
          .add('p', copied)
          .log('a'),
      'a failed send is there, and its answer was lost': () =>
        story()
          .send('a')
          .add('p', { type: 'fault', fault: 'lost answer p/1', operation: 'produce' })
          .sent('a', { outcome: 'failed' })
          .log('a'),
      'a record of an aborted transaction is committed': () =>
        story().begins('t/1').sends('a', { in: 't/1', at: 0 }).aborts('t/1').log('a:committed -'),
    },
    legal: {
      'an unknown send is there': () => story().sends('a', { outcome: 'unknown' }).log('a'),
      'a copy of a refused request came later': () =>
        story().send('a').add('p', copied).sent('a', { outcome: 'failed' }).log('a'),
      'a failed send is not there': () => story().sends('a', { outcome: 'failed' }).log(''),
      'a failed send of an aborted transaction lies there as aborted': () =>
        story()
          .begins('t/1')
          .sends('a', { in: 't/1', outcome: 'failed' })
          .aborts('t/1')
          .reads('a@0', { isolation: 'read_uncommitted' })
          .log('a:aborted -'),
    },
  },
]
