import type { StreamsBuilder } from '@kafkado/streams'

export const input = 'left-open'

/** A processor that cannot close what it has. */
export default function unclosing(s: StreamsBuilder): void {
  s.stream(input).process(({ taskId }) => ({
    process: () => undefined,
    close() {
      throw new RangeError(`${taskId} stays open`)
    },
  }))
}
