import { execFile, spawnSync } from 'node:child_process'
import type { CompressionType } from '@kafkado/core'
import { compressionTypes } from '@kafkado/core/internal'
import { base64, type PlainRecord } from './sample-records.ts'

/** The longest that a run takes is a second or two. */
const deadlineMs = 30_000
/** No record of the tests has these in it, whatever bytes it has. */
const endOfKey = '<end of key>'
const endOfRecord = '<end of record>'

const version = spawnSync('kcat', ['-V'], { encoding: 'utf8', timeout: deadlineMs })

/** CI has to have it; elsewhere its tests are left out where it is not, and say so. */
export function hasKcat(): boolean {
  if (!version.error || process.env['CI']) return true
  console.warn(`SKIPPED: kcat does not read and write beside ours: install it (apt-get install kcat) or set CI=true`)
  return false
}

/** The codecs that the installed librdkafka was built with. */
export function kcatCodecs(): CompressionType[] {
  const features = /builtin\.features=([a-z0-9_,]*)/.exec(version.stdout ?? '')?.[1]?.split(',') ?? []
  return compressionTypes.filter((codec) => codec === 'none' || features.includes(codec))
}

/** @throws with what it said when it fails or does not end in time */
export function runKcat(args: readonly string[], input: Buffer = Buffer.alloc(0)): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { encoding: 'buffer', timeout: deadlineMs, killSignal: 'SIGKILL', maxBuffer: 64_000_000 } as const
    const child = execFile('kcat', args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`kcat ${args.join(' ')}: ${error.message}\n${stderr.toString()}`, { cause: error }))
      else resolve(stdout)
    })
    // One that ends before it has read everything tells by its exit code.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

/** The arguments and the input for kcat to write these records, with headers that all have and the time of now. */
export function kcatInput(
  records: readonly Pick<PlainRecord, 'key' | 'value'>[],
  { headers = [], nulls = false }: { headers?: PlainRecord['headers']; nulls?: boolean } = {},
): [args: string[], input: Buffer] {
  const text = (content: string): string => Buffer.from(content, 'base64').toString()
  const args = [
    '-P',
    `-D${endOfRecord}`,
    `-K${endOfKey}`,
    // Takes what is empty for null.
    ...(nulls ? ['-Z'] : []),
    ...headers.flatMap(([name, value]) => ['-H', value === null ? name : `${name}=${text(value)}`]),
  ]
  const input = records.flatMap(({ key, value }) => [
    Buffer.from(key ?? '', 'base64'),
    Buffer.from(endOfKey),
    Buffer.from(value ?? '', 'base64'),
    Buffer.from(endOfRecord),
  ])
  return [args, Buffer.concat(input)]
}

/** What kcat tells of a record; of its headers it tells in one piece. */
export interface KcatRecord extends Omit<PlainRecord, 'headers'> {
  readonly offset: number
  readonly headers: string | null
}

/** What kcat prints is told by lengths, so that any bytes may be in it. */
export const kcatFormat = `%o %T %K %S\\n%k%s%h${endOfRecord}`

export function parseKcatOutput(output: Buffer): KcatRecord[] {
  const records: KcatRecord[] = []
  for (let at = 0; at < output.length;) {
    const lineEnd = output.indexOf('\n', at)
    const [offset = NaN, timestamp = NaN, keyLength = NaN, valueLength = NaN] = output
      .toString('latin1', at, lineEnd)
      .split(' ')
      .map(Number)
    let position = lineEnd + 1
    const take = (length: number): string | null => {
      if (length < 0) return null
      position += length
      return base64(output.subarray(position - length, position))
    }
    const [key, value] = [take(keyLength), take(valueLength)]
    const end = output.indexOf(endOfRecord, position)
    records.push({ offset, timestamp, key, value, headers: take(end - position) })
    at = end + endOfRecord.length
  }
  return records
}

/** Headers as kcat prints them, each up to its first zero byte. */
export function kcatHeaders(headers: PlainRecord['headers']): string | null {
  const printed = headers.map(([name, value], index) => {
    const content = value === null ? Buffer.from('NULL') : Buffer.from(value, 'base64')
    const zeroAt = content.indexOf(0)
    const start = Buffer.from(`${index > 0 ? ',' : ''}${name}=`)
    return Buffer.concat([start, zeroAt < 0 ? content : content.subarray(0, zeroAt)])
  })
  return base64(Buffer.concat(printed))
}
