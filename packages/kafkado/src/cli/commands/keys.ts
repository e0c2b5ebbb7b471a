import { InvalidRequestError, systemRuntime } from '@kafkado/core'
import { toMilliseconds } from '@kafkado/core/internal'
import type { KeyStore, StoredKey } from '@kafkado/server'
import { type Command, Option } from 'commander'
import { complain, durationOption, timeOf, writeLine } from '../command-context.ts'
import { scopesOf, textOfScope } from '../scope-texts.ts'
import { table } from '../table.ts'

interface KeysOptions {
  readonly keys: string
  readonly name?: string
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
  readonly expires?: string
  readonly lifetime?: string
  readonly json?: boolean
}

const examples = `
A scope is OPERATION:RESOURCE:NAME. Operations are all, read, write, create, delete, alter, describe, describeConfigs
and alterConfigs; resources are topic, group and transactionalId. orders.* is every name that begins with "orders.".

Examples:
  kafkado keys create --name shop --allow write:topic:orders --allow write:topic:orders.* --expires 90d
  kafkado keys create --name reports --allow read:topic:* --deny read:topic:secret --allow read:group:reports
  kafkado keys list
  kafkado keys rotate 5f0c6a1e9b3d2c47   # a second secret; the first one stays valid until the next rotation
  kafkado keys token 5f0c6a1e9b3d2c47 --allow write:topic:orders --lifetime 10m   # for a web page
  kafkado keys revoke 5f0c6a1e9b3d2c47
  kafkado serve --host 0.0.0.0 --keys keys.json   # follows changes of the file
`

export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('create, rotate, revoke and list the API keys in the file of a server')
    .addHelpText('afterAll', examples)
  const add = (name: string, description: string): Command =>
    keys
      .command(name)
      .description(description)
      .addOption(new Option('--keys <file>', 'the file of keys').default('keys.json').env('KAFKA_DO_KEYS'))
      .option('--json', 'print JSON')
  withScopes(add('create', 'add a key and print its secret, which is shown only now'))
    .option('--name <text>', 'what the key is for')
    .option(
      '--expires <when>',
      'after a duration such as 30d, or at a time such as 2027-01-31T00:00:00Z; default: never',
    )
    .action(create)
  add('rotate', 'give a key a second secret and print it; the one before stays valid until the next rotation')
    .argument('<id>')
    .action(rotate)
  add('revoke', 'remove a key; servers refuse it, and its tokens, within 5 seconds').argument('<id>').action(revoke)
  add('list', 'list keys, without secrets').action(list)
  withScopes(add('token', 'print a token: short-lived, with the scopes of a key or fewer of them'))
    .argument('<id>')
    .option('--lifetime <duration>', 'how long it is valid, at most 15m', '5m')
    .action(token)
}

function withScopes(command: Command): Command {
  return command
    .option('--allow <scope...>', 'what it may do')
    .option('--deny <scope...>', 'exceptions from what it may do')
}

async function create(options: KeysOptions): Promise<void> {
  const scopes = scopesIn(options)
  const expiresAt = options.expires === undefined ? undefined : expiryOf(options.expires)
  const { name } = options
  const { createKey, editKeys } = await keyTools()
  let secret = ''
  let id = ''
  await editKeys(options.keys, async (store) => {
    const made = await createKey({ pepper: pepperOf(store, options), scopes, ...named(name), ...expiring(expiresAt) })
    secret = made.secret
    id = made.key.id
    return { ...store, keys: [...store.keys, made.key] }
  })
  tell(options, secret, { id, secret, expiresAt: expiresAt?.toISOString() }, `created key ${id}`)
}

async function rotate(id: string, options: KeysOptions): Promise<void> {
  const { editKeys, rotateKey } = await keyTools()
  let secret = ''
  await editKeys(options.keys, async (store) => {
    const made = await rotateKey(keyOf(store, id, options), pepperOf(store, options))
    secret = made.secret
    return { ...store, keys: store.keys.map((key) => (key.id === id ? made.key : key)) }
  })
  tell(options, secret, { id, secret }, `key ${id} has a new secret; its last one stays valid until the next rotation`)
}

async function revoke(id: string, options: KeysOptions): Promise<void> {
  const { editKeys } = await keyTools()
  await editKeys(options.keys, (store) => {
    keyOf(store, id, options)
    return { ...store, keys: store.keys.filter((key) => key.id !== id) }
  })
  writeLine(options.json ? JSON.stringify({ id }) : `revoked key ${id}`)
}

async function list(options: KeysOptions): Promise<void> {
  const { readKeyStore } = await keyTools()
  const { keys } = await readKeyStore(options.keys)
  const shown = keys.map(({ id, name, hashes, expiresAt, scopes }) => ({
    id,
    name,
    secrets: hashes.length,
    expiresAt,
    scopes: scopes.map(textOfScope),
  }))
  const rows = shown.map(({ id, name = '-', secrets, expiresAt = 'never', scopes }) => [
    id,
    name,
    secrets,
    expiresAt,
    scopes.join(' ') || '-',
  ])
  writeLine(options.json ? JSON.stringify(shown) : table(['id', 'name', 'secrets', 'expires', 'scopes'], rows))
}

async function token(id: string, options: KeysOptions): Promise<void> {
  const { createToken, readKeyStore } = await keyTools()
  const store = await readKeyStore(options.keys)
  const scopes = options.allow || options.deny ? scopesIn(options) : undefined
  const lifetime = durationOption('--lifetime', options.lifetime as string)
  const key = keyOf(store, id, options)
  const made = await createToken({ pepper: pepperOf(store, options), key, lifetime, ...(scopes && { scopes }) })
  tell(options, made.token, made, `token ${made.tokenId} of key ${id} is valid until ${made.expiresAt}`)
}

/** Loaded by the commands that run: the help of all others starts faster without a server. */
async function keyTools() {
  const [ofKeys, ofFiles] = await Promise.all([import('@kafkado/server'), import('@kafkado/server/node')])
  return { ...ofKeys, ...ofFiles }
}

/** The secret alone goes to standard output, so that a script can take it from there. */
function tell({ json = false }: KeysOptions, secret: string, all: object, message: string): void {
  writeLine(json ? JSON.stringify(all) : secret)
  if (!json) complain(`${message}. Keep the line above: it is not shown again`)
}

function scopesIn({ allow = [], deny = [] }: KeysOptions) {
  return [...scopesOf('--allow', allow, 'allow'), ...scopesOf('--deny', deny, 'deny')]
}

function keyOf({ keys }: KeyStore, id: string, { keys: file }: KeysOptions): StoredKey {
  const found = keys.find((key) => key.id === id)
  if (found) return found
  throw new InvalidRequestError(`there is no key '${id}' in ${file}; kafkado keys list shows what there is`)
}

function pepperOf({ pepper }: KeyStore, { keys: file }: KeysOptions): string {
  if (pepper !== undefined) return pepper
  throw new InvalidRequestError(`${file} has no pepper, so the command line cannot make secrets for it`)
}

function expiryOf(text: string): Date {
  const nowMs = systemRuntime.clock.now()
  const isTime = /^\d{4}-/.test(text)
  const atMs = isTime ? timeOf(text) : nowMs + toMilliseconds(durationOption('--expires', text), '--expires')
  if (atMs !== undefined && atMs > nowMs && atMs < latestMs) return new Date(atMs)
  throw new InvalidRequestError(`--expires must be a duration such as 30d or a time to come, got '${text}'`)
}

/** The last moment that a Date can hold. */
const latestMs = 8.64e15

const named = (name: string | undefined) => (name === undefined ? {} : { name })
const expiring = (expiresAt: Date | undefined) => (expiresAt === undefined ? {} : { expiresAt })
