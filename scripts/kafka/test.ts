/**
 * The tests against Apache Kafka: npm run test:kafka [-- arguments of vitest]. They start a broker of their own; with
 * KAFKA_BROKERS=localhost:9092 they use that one and start none.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { LibrariesUnavailable } from '../maven-libraries.ts'
import { fetchKafkaLibraries } from './kafka-libraries.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))

const missing = process.env['KAFKA_BROKERS'] ? undefined : missingLibraries()
process.exitCode = missing === undefined ? await runVitest(process.argv.slice(2)) : skipLoudly(missing)

/** Why Apache Kafka cannot run here, if it cannot. */
function missingLibraries(): string | undefined {
  try {
    fetchKafkaLibraries()
    return undefined
  } catch (error) {
    if (error instanceof LibrariesUnavailable) return error.message
    throw error
  }
}

async function runVitest(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [vitest, 'run', '--project', 'kafka', ...args], { cwd: root, stdio: 'inherit' })
  // Whoever ends us by a signal means the tests; a terminal's Ctrl-C reaches them without our help.
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return code ?? 128 + (signal ? constants.signals[signal] : 0)
}

/**
 * CI goes on without Apache Kafka where it cannot be had; a person who asked for these tests is told that they failed.
 */
function skipLoudly(reason: string): number {
  const line = '='.repeat(100)
  console.error(`
${line}
NOT TESTED: kafkado against Apache Kafka (everything in tests/kafka).
${reason}
They need Java 17 and Maven, or a broker: docker compose up -d --wait && KAFKA_BROKERS=localhost:9092 npm run test:kafka
${line}
`)
  return process.env['CI'] ? 0 : 1
}
