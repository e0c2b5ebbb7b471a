import type { Send, Sent } from '../../history/record-events.ts'
import { type Examples, story } from './example.ts'
import { type Story, topic } from './story.ts'

const timedOut = timeout(0)
function timeout(partition: number, cause = ''): string {
  const text = `topic 't' partition ${partition}: 2 records were not acknowledged within 1000 ms (deliveryTimeout)`
  return `TIMEOUT: ${text}${cause}`
}
const handed = (to: Story, value: string, more: Partial<Send> = {}): Story =>
  to.add('p', { type: 'send', value, topic, producer: 'idempotent', order: 0, deliveryTimeoutMs: 1000, ...more })
const settled = (to: Story, value: string, more: Partial<Sent> = {}): Story =>
  to.add('p', { type: 'sent', value, outcome: 'failed', error: timedOut, ...more })
const well = { isWhenWell: true } as const

/** What producers promise of the time that a send takes. */
export const delivery: readonly Examples[] = [
  {
    kind: 'wrong-delivery-timeout',
    found: {
      'it fails too late': () => settled(handed(story(), 'a').after(1200), 'a'),
      'it is written, and told too late': () => handed(story(), 'a').after(1200).sent('a', { at: 0 }).log('a'),
      'it is not settled': () => handed(story(), 'a').after(1200).add('world', { type: 'note', text: 'later' }),
      'it fails too early': () => settled(handed(story(), 'a').after(900), 'a'),
      'the oldest of a batch fails too early': () =>
        settled(settled(handed(handed(story(), 'a').after(400), 'b').after(500), 'a'), 'b'),
      'it fails too early, as the time of another partition is over': () =>
        settled(settled(handed(handed(story(), 'a').after(900), 'b').after(100), 'a'), 'b', { error: timeout(1) }),
    },
    legal: {
      'it fails in time': () => settled(handed(story(), 'a').after(1000), 'a'),
      'its clock goes by a hundredth faster': () => settled(handed(story(), 'a').after(991), 'a'),
      'its event loop stood still': () =>
        settled(handed(story(), 'a').add('p', { type: 'stalled', forMs: 500 }).after(1500), 'a'),
      'its process was killed': () =>
        handed(story(), 'a').after(500).add('p', { type: 'killed' }).after(9000).add('world', { type: 'healed' }),
      'it fails early for another reason': () => settled(handed(story(), 'a'), 'a', { error: 'DISCONNECTED' }),
      'it came later into a batch whose time is over': () =>
        settled(settled(handed(handed(story(), 'a').after(900), 'b').after(100), 'a'), 'b'),
      'it came later into a batch that was split, and its half was never sent': () =>
        settled(
          settled(handed(handed(story(), 'a').after(900), 'b').after(100), 'a', { error: timeout(0, ': why') }),
          'b',
        ),
      'it has the time of its transaction': () => story().send('a').after(90_000).sent('a', { outcome: 'failed' }),
    },
  },
  {
    kind: 'refused-when-well',
    found: {
      'it failed': () => settled(handed(story(), 'a', well), 'a', { error: 'DISCONNECTED' }),
      'nobody knows': () => settled(handed(story(), 'a', well), 'a', { outcome: 'unknown', error: 'DISCONNECTED' }),
    },
    legal: {
      'it is written': () => handed(story(), 'a', well).sent('a', { at: 0 }).log('a'),
      'not everything was well': () => settled(handed(story(), 'a'), 'a', { error: 'DISCONNECTED' }),
      'its process was killed': () => handed(story(), 'a', well).add('p', { type: 'killed' }),
    },
  },
]
