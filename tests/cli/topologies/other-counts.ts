import { type StreamsBuilder, tumblingWindow } from '@kafkado/streams'

/** A later version: one store is windowed, one has another name, and there is no repartition any more. */
export default function counts(s: StreamsBuilder): void {
  s.stream('orders').groupByKey().count({ name: 'orders' }).to('totals')
  s.stream<number>('totals').groupByKey().window(tumblingWindow('1h')).count({ name: 'changes' }).to('changes')
}
