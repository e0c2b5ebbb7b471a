import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fetchKafkaLibraries } from './kafka-libraries.ts'

const logging = fileURLToPath(new URL('log4j2.yaml', import.meta.url))

export interface JavaProgram {
  readonly mainClass: string
  readonly args: readonly string[]
  /** Such as -Xmx256m. */
  readonly jvmOptions: readonly string[]
  readonly logLevel: 'info' | 'warn'
}

/** The words after `java` which run one of Kafka's programs. */
export function javaArguments({ mainClass, args, jvmOptions, logLevel }: JavaProgram): string[] {
  const { folder, classArchive } = fetchKafkaLibraries()
  // In one order on every machine, because a class archive holds only for the class path that it was made with.
  const jars = readdirSync(folder).filter((name) => name.endsWith('.jar'))
  const classPath = jars.toSorted().map((name) => join(folder, name))
  return [
    '-XX:+UseSerialGC',
    '-XX:-UsePerfData',
    // What Java itself has to say must not come between what a tool prints.
    '-Xlog:disable',
    '-Xlog:all=warning:stderr',
    ...(existsSync(classArchive) ? [`-XX:SharedArchiveFile=${classArchive}`] : []),
    ...jvmOptions,
    `-Dlog4j2.configurationFile=${logging}`,
    `-Dkafkado.log.level=${logLevel}`,
    '-cp',
    classPath.join(delimiter),
    mainClass,
    ...args,
  ]
}
