import { type DiagnosticChannel, diagnosticChannel } from '@kafkado/core/internal'
import { type Meter, type MetricName, metricNames, type StreamsMetrics } from './meter.ts'

/** Publishes measurements on channels that have a subscriber. */
export class ChannelMeter implements Meter {
  readonly #application: string
  readonly #channels: ReadonlyMap<MetricName, DiagnosticChannel>

  constructor(application: string) {
    this.#application = application
    this.#channels = new Map(metricNames.map((name) => [name, diagnosticChannel(`kafkado:streams:${name}`)]))
  }

  isWanted(name: MetricName): boolean {
    return this.#channels.get(name)?.hasSubscribers ?? false
  }

  publish<Name extends MetricName>(name: Name, message: StreamsMetrics[Name]): void {
    this.#channels.get(name)?.publish({ application: this.#application, ...message })
  }
}
