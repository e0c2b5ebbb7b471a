import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvalidRequestError } from '@kafkado/core'
import type { PlanChange, ServerCheck } from '@kafkado/streams/internal'
import { messageOf } from '@kafkado/core/internal'
import { unreadableFile } from '@kafkado/core/internal/node'
import { counted } from '../counted.ts'
import { type CommonOptions, withClient, writeLine } from '../command-context.ts'

interface PlanOptions extends CommonOptions {
  readonly application?: string
  readonly planFile?: string
}

/** Prints a topology and what has changed in it. Asks a server only with `--url`. */
export async function plan(module: string, options: PlanOptions): Promise<void> {
  const { describeTopology, explainTopology, InternalNames, parsePlan, ...streams } =
    await import('@kafkado/streams/internal')
  const { planChanges, planOf, topologyOfModule, checkServer } = streams
  const { planFile } = options
  const { topology } = await topologyOfModule(pathToFileURL(resolve(module))).catch((cause: unknown) => {
    throw new InvalidRequestError(`${module}: ${messageOf(cause)}`, { cause })
  })
  const last = planFile === undefined ? undefined : parsePlan(await textOfFile(planFile), planFile)
  const application = options.application ?? last?.application ?? 'application'
  const names = new InternalNames(application)
  const description = describeTopology(topology)
  const explanation = explainTopology(topology, application)
  const server =
    options.url === undefined
      ? undefined
      : await withClient(options, (_kafka, transport) => checkServer(transport, topology, names, application, last))
  const now = server?.plan ?? planOf(topology, names, application, new Map())
  const changes = last && planChanges(last, now)
  if (options.json) {
    const { text, mermaid } = description
    const found = server && { ...server, plan: undefined }
    writeLine(JSON.stringify({ application, topology: text, mermaid, explanation, plan: now, changes, server: found }))
    return
  }
  const parts = [description.text, explanation]
  if (changes && planFile !== undefined) parts.push(textOfChanges(planFile, changes))
  if (server) parts.push(textOfServer(server))
  writeLine(parts.join('\n\n'))
}

async function textOfFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => Promise.reject(unreadableFile(path, cause)))
}

const verbs: Readonly<Record<PlanChange['change'], string>> = {
  added: 'is new',
  removed: 'is gone',
  altered: 'is something else',
}

function textOfChanges(planFile: string, changes: readonly PlanChange[]): string {
  if (changes.length === 0) return `As in ${planFile}.`
  const lines = changes.map(
    ({ change, kind, name, purpose, consequence }) =>
      `  ${kind} '${name}' (${purpose}) ${verbs[change]}: ${consequence}`,
  )
  return [`Since ${planFile}:`, ...lines].join('\n')
}

function textOfServer({ missingSources, patterns, made, otherCounts, orphans }: ServerCheck): string {
  const isKnown = missingSources.length === 0
  const lines = [
    ...missingSources.map((topic) => `  topic '${topic}' is not there, and is read`),
    ...patterns.map(({ pattern, topics }) =>
      topics.length === 0
        ? `  pattern ${pattern} matches no topic yet`
        : `  pattern ${pattern} matches ${topics.map((topic) => `'${topic}'`).join(', ')}`,
    ),
    ...made.map(({ topic, partitions }) => {
      if (isKnown && partitions === 0) return `  topic '${topic}' would be made when a topic matches`
      return `  topic '${topic}' would be made${isKnown ? `, with ${counted(partitions, 'partition')}` : ''}`
    }),
    ...otherCounts.map(
      ({ topic, partitions, needed }) =>
        `  topic '${topic}' has ${counted(partitions, 'partition')} and needs ${needed}: a start is refused`,
    ),
    ...orphans.map(
      ({ topic, store }) =>
        `  topic '${topic}' has the state of store '${store}', which is gone: ` +
        `a start is refused unless it has dropState: ['${store}']`,
    ),
  ]
  return lines.length === 0 ? 'The server has all that it needs.' : ['On the server:', ...lines].join('\n')
}
