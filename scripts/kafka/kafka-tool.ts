import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { javaArguments } from './java-arguments.ts'

/**
 * Runs one of Kafka's own programs to its end: `runKafkaTool('org.apache.kafka.tools.TopicCommand', ['--list', …])`.
 *
 * @param input what it reads from its standard input
 * @returns what it printed
 * @throws when it fails, with all that it told
 */
export async function runKafkaTool(mainClass: string, args: readonly string[], input = ''): Promise<string> {
  const program = javaArguments({ mainClass, args, jvmOptions: ['-Xmx256m'], logLevel: 'warn' })
  const child = spawn('java', program, { stdio: 'pipe' })
  // A tool that ends before it has read everything is no fault of ours.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (code !== 0) throw new Error(`${mainClass} ${args.join(' ')} failed (${code}):\n${output}${errors}`)
  return output
}
