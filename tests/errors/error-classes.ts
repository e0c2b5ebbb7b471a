import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { KafkaError, type KafkaErrorOptions, TimeoutError } from '@kafkado/core'
import { filesUnder, root } from '../architecture/source-files.ts'

export type ErrorClass = new (...parameters: never[]) => KafkaError

/** What the sample of each class says. */
export const message = 'what is wrong'
const cause = new RangeError('why', { cause: new TypeError('why that') })
const common: KafkaErrorOptions = { retryAfterMs: 5, cause }

/** What the constructors that want something else are given. */
const parameters: Readonly<Record<string, readonly unknown[]>> = {
  BatchDeliveryError: ['orders', [{ status: 'rejected', reason: new TimeoutError(message, common) }]],
  ClusterUnreachable: [[{ host: 'broker', port: 9092 }], [new TimeoutError(message, common)]],
  StoreError: ['counts', message, cause],
  StreamsError: [message, { ...common, kind: 'processing', task: '0_1', topic: 'orders', partition: 1, offset: 0 }],
}

/** Every class of the packages' sources that is a KafkaError, by its name. */
export async function errorClasses(): Promise<Map<string, ErrorClass>> {
  const parents = new Map<string, { parent: string; path: string }>()
  for (const path of filesUnder('packages').filter((one) => /\/src\/.*(?<!\.test)\.ts$/.test(one)))
    for (const [, name = '', parent = ''] of readFileSync(join(root, path), 'utf8').matchAll(
      /^export class (\w+) extends (\w+)/gm,
    ))
      parents.set(name, { parent, path })
  const isKafkaError = (name: string | undefined): boolean =>
    name === 'KafkaError' || (name !== undefined && isKafkaError(parents.get(name)?.parent))
  const classes = new Map<string, ErrorClass>([['KafkaError', KafkaError]])
  for (const [name, { path }] of parents) {
    if (!isKafkaError(name)) continue
    const exported = (await import(pathToFileURL(join(root, path)).href)) as Record<string, ErrorClass>
    classes.set(name, exported[name] as ErrorClass)
  }
  return classes
}

/** One error of the class, made by its constructor. */
export function sampleOf(name: string, errorClass: ErrorClass): KafkaError {
  return Reflect.construct(errorClass, parameters[name] ?? [message, common]) as KafkaError
}
