import type { StreamsBuilder } from '@kafkado/streams'

export const input = 'left-open'

/** A processor whose close fails. */
export default function unclosing(s: StreamsBuilder): void {
  s.stream(input).process(({ taskId }) => ({
    process: () => undefined,
    close() {
      throw new RangeError(`${taskId} stays open`)
    },
  }))
}
