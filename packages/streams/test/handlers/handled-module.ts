import type { ErrorHandlers, StreamsBuilder } from '@kafkado/streams'

export const input = 'numbers'
export const output = 'doubled'

/** The error handlers of threads, which cannot get functions as options. */
export const onError: ErrorHandlers = {
  deserialization: 'deadLetter',
  processing: (error, record) =>
    (error.cause as Error).message === 'too small' && record?.headers['keep'] === 'yes' ? 'deadLetter' : 'skip',
}

/** Doubles numbers that are not negative. */
export default function doubled(s: StreamsBuilder): unknown {
  return s
    .stream<number>(input)
    .mapValues((number) => {
      if (number < 0) throw new Error('too small')
      return number * 2
    })
    .to(output)
}
