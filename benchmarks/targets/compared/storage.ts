import type { Comparison, Side, Target } from '../comparison.ts'
import { timesAsFast } from '../judges.ts'
import { forkSide, scriptAt } from '../side-process.ts'

const journal = 'journal'
const raw = 'raw'
const script = scriptAt('../../storage/subject-process.ts', import.meta.url)

/** Rows of `npm run bench -- storage`, whose processes do the work. */
export const storage: readonly Comparison[] = [compare('20 KB', 0.7), compare('300 B', 0.4)]

function compare(size: '20 KB' | '300 B', atLeastRead: number): Comparison {
  const name = `disk-${size.replaceAll(' ', '').toLowerCase()}`
  const target = (what: string, text: string, figure: string, words: string, atLeast: number): Target => ({
    name: `${name}-${what}`,
    what: text,
    ours: journal,
    against: [raw],
    ...timesAsFast(figure, words),
    target: atLeast,
  })
  return {
    name,
    targets: [
      target('append', `disk engine, acks all, 128 in flight, ${size}`, 'appendsPerSecond', 'appends/s', 0.8),
      target('read', `disk engine, sequential read, ${size} batches`, 'bytesReadPerSecond', 'bytes/s', atLeastRead),
    ],
    settings:
      'Batches appended and synced before they are acknowledged, 128 in flight; then all read from the start. Raw is ' +
      'one file: what waits at the end of a turn is written together and shares one fdatasync, and it is read into ' +
      'fresh buffers of a MiB.',
    warmUp: '4,000 appends each',
    async open() {
      const sides: Side[] = []
      for (const name of [journal, raw]) sides.push(await forkSide({ name }, script, [name, `${size} × 128`]))
      return { sides }
    },
  }
}
