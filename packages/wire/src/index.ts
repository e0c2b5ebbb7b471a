import { type WireOptions, wireSettings } from './settings/wire-options.ts'
import { WireTransport } from './wire-transport.ts'

export { type SaslOptions, type Secret, type WireOptions } from './settings/wire-options.ts'
export { WireTransport } from './wire-transport.ts'

/**
 * A Transport to a cluster of Apache Kafka 4.0 or later, over Kafka's own protocol. It opens connections when it needs
 * them.
 *
 * @param brokers some of the brokers, `'b1:9092,b2:9092'`, or all options
 * @throws InvalidRequestError when an option is not valid
 */
export function wire(
  brokers: string | readonly string[] | WireOptions,
  options: Omit<WireOptions, 'brokers'> = {},
): WireTransport {
  const given = typeof brokers === 'string' || Array.isArray(brokers) ? { ...options, brokers } : brokers
  return new WireTransport(wireSettings(given as WireOptions))
}
