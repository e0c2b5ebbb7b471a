import { existsSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, join } from 'node:path'
import * as core from '@kafkado/core'
import { codeOf } from '@kafkado/core'
import { allOperations } from '@kafkado/core/internal'
import * as protocol from '@kafkado/core/protocol'
import * as kafkado from 'kafkado'
import { parseSync } from 'vite'
import { describe, expect, it } from 'vitest'
import { longLines } from './architecture/long-lines.ts'
import { longFunctions } from './architecture/long-functions.ts'
import { namedInCases, operationFiles, placesOfOperations, withoutCases } from './architecture/operations.ts'
import { bannedUses, usesGlobal } from './architecture/banned-globals.ts'
import { castsAgainstTypes, knownBetter } from './architecture/casts.ts'
import { isClient, sharedRequestsSent } from './architecture/client-requests.ts'
import { copiedLists } from './architecture/copied-lists.ts'
import { handedOnWhole, listsOfOperations } from './architecture/exports-all.ts'
import { mayPointBothWays, pairsOfFolders } from './architecture/folder-pairs.ts'
import { errorNumbers, mayHaveErrorNumbers } from './architecture/error-numbers.ts'
import { headerPlaces, otherPlaces } from './architecture/header-places.ts'
import { importCycles } from './architecture/import-cycles.ts'
import { coreMayImport, mayImport, packageOf } from './architecture/layers.ts'
import {
  askingOnePackage,
  onlyPackageOf,
  sharedWithPackages,
  takenFromElsewhere,
} from './architecture/places-of-tests.ts'
import { calledByOthers, calledForEachRecord, tooManyParameters } from './architecture/parameters.ts'
import { classesOfOperators, upwardImports, withoutTypeCycles } from './architecture/rooms.ts'
import { clearedByHand, clearings } from './architecture/single-flights.ts'
import { asksTimeOfDay, timeOfDayUsers } from './architecture/time-of-day.ts'
import { uncertainCopies } from './architecture/uncertain-copies.ts'
import { filesUnder, readSourceFile, root, type SourceFile, sourceFile, targetOf } from './architecture/source-files.ts'

const folders = ['packages', 'tests', 'scripts', 'examples', 'benchmarks'].filter((one) => existsSync(join(root, one)))
const paths = folders.flatMap(filesUnder)
const codePaths = paths.filter((path) => /\.(ts|mjs|js)$/.test(path))
const sources = codePaths.filter((path) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path)).map(readSourceFile)
const shipped = sources.filter(({ isTest }) => !isTest)

const areClassesOfOperators = (from: string, to: string): boolean =>
  classesOfOperators.has(from) && classesOfOperators.has(to)

describe('layers', () => {
  it('finds the sources', () => {
    expect(shipped.length).toBeGreaterThan(20)
  })

  it('imports only the packages below', () => {
    expect(
      eachImport(shipped, ({ packageName = '' }, specifier) => {
        const imported = packageOf(specifier)
        return imported !== undefined && !mayImport(packageName, imported)
      }),
    ).toEqual([])
  })

  it('reaches another package by its name, never by a path', () => {
    const crossing = sources.flatMap((file) =>
      file.imports
        .map((one) => targetOf(file, one))
        .filter((target) => target && !target.startsWith(`packages/${file.packageName}/`))
        .map((target) => `${file.path} → ${target}`),
    )
    expect(crossing).toEqual([])
  })

  it('has no import cycles', () => {
    expect(importCycles(shipped)).toEqual([])
  })

  it('has no cycles of types either, in the packages that say so', () => {
    const files = shipped.filter(({ packageName }) => packageName !== undefined && withoutTypeCycles.has(packageName))
    expect(importCycles(files, true, areClassesOfOperators)).toEqual([])
  })

  it('names no file as one of a circle of types that is in none', () => {
    const files = shipped.filter(({ packageName }) => packageName === 'streams')
    const isIdle = (path: string): boolean =>
      importCycles(files, true, (from, to) => areClassesOfOperators(from, to) && ![from, to].includes(path)).length ===
      0
    expect([...classesOfOperators].filter(isIdle)).toEqual([])
  })

  it('finds a cycle where there is one', () => {
    expect(importCycles([file('a.ts', './b.ts'), file('b.ts', './a.ts')])).toEqual(['a.ts → b.ts → a.ts'])
    const ofTypes = [file('a.ts', './b.ts', true), file('b.ts', './a.ts')]
    expect(importCycles(ofTypes)).toEqual([])
    expect(importCycles(ofTypes, true)).toEqual(['a.ts → b.ts → a.ts'])
    expect(importCycles(ofTypes, true, (from) => from === 'a.ts')).toEqual([])
  })
})

describe('the rooms of a package', () => {
  it('import from those below them alone', () => {
    expect(upwardImports(shipped)).toEqual([])
  })

  it.each([
    ['streams/src/task/task.ts', '../member/member.ts', true],
    ['streams/src/member/session/task-set.ts', '../member-loop.ts', true],
    ['streams/src/member/member-loop.ts', './session/task-set.ts', false],
    ['streams/src/task/task.ts', '../state/window-store.ts', false],
    ['streams/src/app/streams-app.ts', '../dsl/startable.ts', true],
    ['producer/src/write/topic-writer.ts', '../producer.ts', true],
    ['producer/src/batch/producer-batch.ts', '../send/sender.ts', true],
    ['producer/src/transaction/topic-writers.ts', '../write/topic-writer.ts', false],
    ['consumer/src/fetch/fetcher.ts', '../session/consumer-session.ts', true],
    ['consumer/src/partition/owned-partitions.ts', '../group/membership.ts', true],
    ['consumer/src/fetch/position-finder.ts', '../commit/committed-offsets.ts', false],
    ['wire/src/cluster/cluster.ts', '../operations/01-fetch.ts', true],
    ['wire/src/connection/broker.ts', '../cluster/call.ts', true],
    ['wire/src/operations/01-fetch.ts', '../connection/asker.ts', false],
    ['messages/src/codec/compile.ts', '../api.ts', true],
    ['broker/src/log/partition-log.ts', '../topic/topic-registry.ts', true],
    ['broker/src/engine/engine.ts', '../handlers/handler.ts', true],
    ['broker/src/group/group-topics.ts', '../topic/topic-registry.ts', false],
    ['broker/src/storage/storage.ts', './journal/journal.ts', true],
    ['broker/src/storage/journal/journal.ts', '../../records/read-metadata.ts', true],
    ['core/src/batch/record-batch-reader.ts', '../record/kafka-record.ts', true],
    ['core/src/transport/transport.ts', '../retry/patience.ts', true],
    ['core/src/requests/look-up-topics.ts', '../http/http-transport.ts', true],
    ['core/src/errors/kafka-error.ts', '../config/show-value.ts', true],
    ['core/src/requests/look-up-topics.ts', '../retry/patience.ts', false],
    ['server/src/call/call.ts', '../gateway.ts', true],
    ['server/src/auth/authorization.ts', '../routes/route.ts', true],
    ['server/src/routes/route.ts', '../call/call.ts', false],
    ['kafkado/src/connect/create-kafka-client.ts', '../cli/table.ts', true],
    ['client/src/shared-producers.ts', './kafka-client.ts', true],
    ['kafkado/src/cli/records/record-source.ts', '../commands/produce.ts', true],
    ['kafkado/src/cli/commands/produce.ts', '../records/record-source.ts', false],
    ['admin/src/find-topic.ts', './topics/create-topic.ts', true],
    ['admin/src/topics/create-topic.ts', '../find-topic.ts', false],
    ['testing/src/faults.ts', './mock-kafka.ts', true],
    ['testing/src/conformance/transport/groups/group-cases.ts', '../../transport-conformance.ts', true],
    ['testing/src/conformance/transport/harness/harness.ts', '../groups/group-cases.ts', true],
    ['testing/src/conformance/transport/groups/group-cases.ts', '../harness/harness.ts', false],
  ])('are told apart: %s imports %s', (path, specifier, isUpward) => {
    expect(upwardImports([file(`packages/${path}`, specifier)])).toHaveLength(isUpward ? 1 : 0)
  })

  it('do not point at each other, but for those with a reason', () => {
    const pairs = pairsOfFolders(shipped)
    expect(pairs.filter((pair) => !mayPointBothWays.some(([excused]) => excused.test(pair)))).toEqual([])
    expect(mayPointBothWays.filter(([excused]) => !pairs.some((pair) => excused.test(pair)))).toEqual([])
  })

  it.each([
    [[file('packages/a/src/b/one.ts', '../two.ts'), file('packages/a/src/three.ts', './b/four.ts')], ['a ⇄ a/b']],
    [
      [file('packages/a/src/b/one.ts', '../c/two.ts'), file('packages/a/src/c/two.ts', '../b/one.ts', true)],
      ['a/b ⇄ a/c'],
    ],
    [[file('packages/a/src/b/one.ts', '../two.ts'), file('packages/a/src/b/three.ts', './four.ts')], []],
  ])('point at each other where each imports from the other', (files, pairs) => {
    expect(pairsOfFolders(files)).toEqual(pairs)
  })

  it('of the engine: one file reads what was kept and hands it to its owners, and two copy and compare it', () => {
    const reader = 'packages/broker/src/records/read-metadata.ts'
    const readers = shipped.filter((one) => one.imports.some((imported) => targetOf(one, imported) === reader))
    expect(readers.map(({ path }) => path).sort()).toEqual([
      'packages/broker/src/folder/copy-content.ts',
      'packages/broker/src/folder/folder-content.ts',
      'packages/broker/src/records/record-owners.ts',
    ])
  })

  it('hold every file of the package', () => {
    const lost = file('packages/streams/src/elsewhere/one.ts', '../state/window-store.ts')
    expect(() => upwardImports([lost])).toThrow(/has no place among the rooms/)
  })
})

describe('tests', () => {
  const ofTests = codePaths.filter((path) => /^(tests|packages\/[^/]+\/test)\/.*\.ts$/.test(path)).map(readSourceFile)
  const atRoot = new Map(ofTests.filter(({ path }) => path.startsWith('tests/')).map((one) => [one.path, one]))
  const reasonOf = (path: string): string | undefined =>
    Object.keys(askingOnePackage).find((beginning) => path.startsWith(beginning))

  it('that ask one package stand beside it, in its `test/`; those at the root bring several together', () => {
    const single = [...atRoot.values()]
      .filter(({ path, isTest }) => isTest && !reasonOf(path))
      .flatMap((test) => (onlyPackageOf(test, atRoot) ? `${test.path} asks ${onlyPackageOf(test, atRoot)} alone` : []))
    expect(single).toEqual([])
  })

  it('name no reason for the root that nobody has', () => {
    const needed = [...atRoot.values()]
      .filter((test) => test.isTest && onlyPackageOf(test, atRoot) !== undefined)
      .map(({ path }) => reasonOf(path))
    expect(Object.keys(askingOnePackage).filter((beginning) => !needed.includes(beginning))).toEqual([])
  })

  it('of a package take from elsewhere what is shared, and everything that is shared is taken', () => {
    const beside = ofTests.filter(({ path }) => path.startsWith('packages/'))
    expect(beside.flatMap((one) => takenFromElsewhere(one).map((target) => `${one.path} → ${target}`))).toEqual([])
    const taken = new Set(beside.flatMap((one) => one.imports.map((imported) => targetOf(one, imported))))
    expect([...sharedWithPackages].filter((path) => !taken.has(path))).toEqual([])
  })

  it.each([
    [['@kafkado/streams', '@kafkado/core', '@kafkado/testing/streams'], 'streams'],
    [['@kafkado/core/internal', '@kafkado/testing'], 'testing'],
    [['@kafkado/core'], 'core'],
    [['../packages/wire/src/sasl.ts'], 'wire'],
    [['./helper.ts'], 'streams'],
    [['./helper.ts', '@kafkado/broker'], 'streams'],
    [['@kafkado/streams', '@kafkado/producer', '@kafkado/admin'], 'streams'],
    [['@kafkado/producer', '@kafkado/consumer'], undefined],
    [['@kafkado/producer', '@kafkado/admin', '@kafkado/server'], 'producer'],
    [['@kafkado/admin', '@kafkado/broker'], 'admin'],
    [['@kafkado/broker', '@kafkado/server'], undefined],
    [['@kafkado/messages', '@kafkado/wire'], 'wire'],
    [['kafkado', '@kafkado/broker'], 'broker'],
    [['kafkado'], 'kafkado'],
    [['vitest'], undefined],
  ])('that import %j ask %s alone', (specifiers, only) => {
    const helper = file('tests/helper.ts', '@kafkado/streams')
    const test = { ...file('tests/one.test.ts', ''), imports: specifiers.flatMap((one) => file('', one).imports) }
    expect(onlyPackageOf(test, new Map([[helper.path, helper]]))).toBe(only)
  })

  it.each([
    ["import { createConsumer } from 'kafkado'", 'consumer'],
    ["import { createConsumer, createTransactionalProducer } from 'kafkado'", undefined],
    ["import { createConsumer, type Producer } from 'kafkado'", 'consumer'],
    ["import { KafkaClient } from 'kafkado'; kafka.consumer('orders')", 'consumer'],
    ["import { KafkaClient } from 'kafkado'; kafka.consumer('orders'); kafka.produce('orders', 1)", undefined],
    ["import { KafkaClient } from '@kafkado/client'; kafka.streams({}); kafka.produce('orders', 1)", 'streams'],
    ["import { KafkaClient } from 'kafkado'; kafka.admin.createTopic('orders'); kafka.transaction(body)", 'producer'],
    ["import { memory } from '@kafkado/broker'; harness.produce('orders', 1)", 'broker'],
  ])('with %s ask %s alone', (code, only) => {
    expect(onlyPackageOf(sourceFile('tests/one.test.ts', code), new Map())).toBe(only)
  })

  it.each([
    ['../src/producer.ts', []],
    ['../../../tests/passing-time.ts', []],
    ['../../../tests/churn/churn-judge.ts', ['tests/churn/churn-judge.ts']],
    ['../../broker/test/asked-state.ts', ['packages/broker/test/asked-state.ts']],
    ['@kafkado/broker', []],
  ])('of producer that import %s take %j from elsewhere', (specifier, elsewhere) => {
    expect(takenFromElsewhere(file('packages/producer/test/one.test.ts', specifier))).toEqual(elsewhere)
  })
})

describe('what several clients ask for', () => {
  it('is sent by the requests of core alone', () => {
    const sent = shipped
      .filter(({ packageName }) => isClient(packageName))
      .flatMap(({ path, program }) => sharedRequestsSent(program).map((operation) => `${path} sends ${operation}`))
    expect(sent).toEqual([])
  })

  it('has one file each there', () => {
    const senders = shipped
      .filter(({ path }) => path.startsWith('packages/core/src/'))
      .flatMap(({ program }) => [...new Set(sharedRequestsSent(program))])
    expect(senders.sort()).toEqual(['listOffsets', 'metadata', 'offsetCommit', 'offsetFetch', 'txnOffsetCommit'])
  })

  it.each([
    ['transport.send(metadata, request)', ['metadata']],
    ['await this.#transport.send(offsetCommit, request, limits)', ['offsetCommit']],
    ['send(listOffsets, request)', ['listOffsets']],
    ['transport.send(inTransaction ? txnOffsetCommit : offsetCommit, request)', ['txnOffsetCommit', 'offsetCommit']],
    ['transport.send(protocol.metadata, request)', ['metadata']],
    ['transport.send(metadata as AnyOperation, request)', ['metadata']],
    ["import { offsetFetch as ask } from '@kafkado/core'; transport.send(ask, request)", ['offsetFetch']],
    ['transport.send(fetch, request)', []],
    ['[offsetCommit.name].includes(operation.name)', []],
    ['// transport.send(metadata)', []],
  ])('recognises %s', (code, operations) => {
    const program = parseSync(
      'code.ts',
      code.startsWith('import') ? code : `class A { #transport; async b() { ${code} } }`,
    )
    expect(sharedRequestsSent(program.program)).toEqual(operations)
  })
})

describe('an operation', () => {
  it('is carried out in files of the same name, by the engine and by wire', () => {
    const { definition, engine, wire } = placesOfOperations
    const defined = operationFiles(shipped, definition)
    expect(defined.length).toBeGreaterThan(20)
    expect(operationFiles(shipped, engine).toSorted()).toEqual(defined.toSorted())
    expect(operationFiles(shipped, wire)).toEqual(expect.arrayContaining(defined))
  })

  it('has a case of conformance, so that all transports answer as Apache Kafka does', () => {
    const named = namedInCases(shipped)
    const without = allOperations.map(({ name }) => name).filter((name) => !named.has(name))
    expect(without).toEqual([...withoutCases])
  })
})

describe('core runs in a browser', () => {
  const core = shipped.filter(({ packageName }) => packageName === 'core')
  const forNode = (file: SourceFile): boolean => file.path.endsWith('.node.ts')

  it('imports no library outside the node-conditioned files', () => {
    expect(
      eachImport(core, (file, specifier) => {
        const ours = specifier.startsWith('.') || packageOf(specifier) !== undefined
        return !ours && !coreMayImport(specifier, forNode(file))
      }),
    ).toEqual([])
  })

  it('uses no built-in module and no Buffer there', () => {
    const builtins = new Set(builtinModules)
    const portable = core.filter((file) => !forNode(file))
    expect(eachImport(portable, (_, specifier) => specifier.startsWith('node:') || builtins.has(specifier))).toEqual([])
    expect(portable.filter(({ program }) => usesGlobal(program, 'Buffer')).map(({ path }) => path)).toEqual([])
  })
})

describe('time and chance are injected', () => {
  it('uses the banned globals in core/src/runtime alone', () => {
    const uses = shipped
      .filter(({ path }) => !path.startsWith('packages/core/src/runtime/'))
      .flatMap(({ path, program }) => bannedUses(program).map((use) => `${path}: ${use}`))
    expect(uses).toEqual([])
  })

  it.each([
    ['Date.now()', ['Date.now']],
    ['performance.now()', ['performance.now']],
    ['new Date()', ['new Date()']],
    ['new Date(0)', []],
    ['setTimeout(f, 1)', ['setTimeout']],
    ['const later = globalThis.setTimeout', ['setTimeout']],
    ['clock.setTimeout(f, 1)', []],
    ['const clock = { setTimeout: 1 }', []],
    ['crypto.randomUUID()', ['randomUUID']],
    ['"Math.random()" // Math.random()', []],
  ])('recognises %s', (code, uses) => {
    expect(bannedUses(parseSync('code.ts', code).program)).toEqual(uses)
  })
})

describe('what waits does not notice a clock that is set', () => {
  const users = shipped
    .filter(({ path, program }) => !path.startsWith('packages/core/src/runtime/') && asksTimeOfDay(program))
    .map(({ path }) => path)

  it('asks for the time of day only where records and ages are stamped', () => {
    expect(users.sort()).toEqual(Object.keys(timeOfDayUsers).sort())
  })

  it.each([
    ['runtime.clock.now()', true],
    ['this.#clock.now() - 5', true],
    ['const { now } = clock', true],
    ['clock.monotonic()', false],
    ['const later = now + 1', false],
  ])('recognises %s', (code, asks) => {
    expect(asksTimeOfDay(parseSync('code.ts', `class A { #clock; b() { ${code} } }`).program)).toBe(asks)
  })
})

describe('what packages offer', () => {
  /** Each file of it is an operation, all of whose names are public. */
  const protocolIndex = 'packages/core/src/protocol/index.ts'

  it('is named one by one, operations in their own list', () => {
    const whole = sources
      .filter(({ path }) => path !== protocolIndex)
      .flatMap(({ path, program }) => handedOnWhole(program).map((specifier) => ({ path, specifier })))
      .filter(({ specifier }) => !listsOfOperations.has(specifier))
    expect(whole).toEqual([])
  })

  it.each(Object.entries({ core, protocol, kafkado }))(
    'has every operation in %s, which interceptors and faults name',
    (_, offered) => {
      const missing = allOperations.filter(({ name }) => !Object.hasOwn(offered, name)).map(({ name }) => name)
      expect(missing).toEqual([])
    },
  )

  it.each([
    ["export * from './a.ts'", ['./a.ts']],
    ["export * as a from './a.ts'", []],
    ["export { a } from './a.ts'", []],
  ])('recognises %s', (code, whole) => expect(handedOnWhole(parseSync('code.ts', code).program)).toEqual(whole))
})

describe('bytes', () => {
  it('are copied by what copies those of a Buffer too', () => {
    expect(shipped.filter(({ program }) => uncertainCopies(program) > 0).map(({ path }) => path)).toEqual([])
  })

  it.each([
    ['bytes.slice()', 1],
    ['this.#content?.slice()', 1],
    ['bytes.slice(1)', 0],
    ['slice()', 0],
    ['[...list]', 0],
  ])('recognises %s', (code, count) => {
    const { program } = parseSync('code.ts', `class A { #content; b() { ${code} } }`)
    expect(uncertainCopies(program)).toBe(count)
  })
})

describe('the fields of a batch', () => {
  it('are found by their names, whose places stand in one file', () => {
    const counting = codePaths.filter((path) => headerPlaces(readSourceFile(path).program).length > 0)
    expect(counting.sort()).toEqual(Object.keys(otherPlaces).sort())
  })

  it.each([
    ['view.setInt32(8, -1)', [8]],
    ['new DataView(bytes.buffer).getBigInt64(43)', [43]],
    ['view.getUint8(16) === 2', [16]],
    ['view.setInt16(at.attributes, 5)', []],
    ['view.setInt32(0, 5)', []],
    ['view.setInt32(4, 16)', []],
  ])('are told from other bytes: %s', (code, places) => {
    expect(headerPlaces(parseSync('code.ts', code).program)).toEqual(places)
  })
})

describe('lists by key', () => {
  it('are extended in place, so that their growth takes linear time', () => {
    expect(shipped.filter(({ program }) => copiedLists(program) > 0).map(({ path }) => path)).toEqual([])
  })

  it.each([
    ['lists.set(key, [...(lists.get(key) ?? []), element])', 1],
    ['this.#lists.set(key, new Set([...(this.#lists.get(key) ?? []), element]))', 1],
    ['lists.set(key, [...(lists.get(key) ?? []), ...elements])', 1],
    ['lists.set(key, [element])', 0],
    ['return [...(lists.get(key) ?? [])]', 0],
    ['lists.set(key, [...elements])', 0],
  ])('recognises %s', (code, count) => {
    const { program } = parseSync('code.ts', `class A { #lists; b() { ${code} } }`)
    expect(copiedLists(program)).toBe(count)
  })
})

describe('work that is under way once at a time', () => {
  it('is a SingleFlight of core, or is named with why it need not be', () => {
    const found = shipped.flatMap(({ path, program }) => clearings(program).map((name) => `${path} ${name}`))
    expect(found.sort()).toEqual(Object.keys(clearedByHand).sort())
  })

  it.each([
    ['#a: Promise<void> | undefined; b() { this.#a ??= c().finally(() => { this.#a = undefined }) }', ['#a']],
    ['#a: Promise<void> | undefined; b() { this.#a = c().then(d).finally(() => (this.#a = undefined)) }', ['#a']],
    ['#a: undefined | Promise<void>; async b() { try { await c() } finally { this.#a = undefined } }', ['#a']],
    ['a?: Promise<void>; b() { this.a ??= c().catch((error) => { this.a = undefined; throw error }) }', ['a']],
    ['#a: Promise<void> | undefined; b() { this.#c = this.#a = undefined }', ['#a']],
    ['b() { this.#isOn = true; void c().finally(() => { this.#isOn = false }) }', ['#isOn']],
    ['b() { let isOn = true; c().then(() => { isOn = false; d() }, e) }', ['isOn']],
    ['async b() { let a: Promise<void> | undefined; a ??= c(); await a; a = undefined }', ['a']],
    ['#a: Promise<void> | undefined; b() { return (this.#a ??= c()) }', []],
    ['#a: number | undefined; b() { this.#a ??= c(); this.#a = undefined }', []],
    ['#a: Map<string, Promise<void>> | undefined; b() { this.#a = undefined }', []],
    ['b() { c().then(() => { this.#isOn = true }) }', []],
    ['b() { this.#isOn = false; c().then(d) }', []],
  ])('recognises %s', (code, names) =>
    expect(clearings(parseSync('code.ts', `class A { ${code} }`).program)).toEqual(names),
  )
})

describe('types', () => {
  it('are asserted against the compiler where nothing else can say them', () => {
    const casting = shipped.filter(({ program }) => castsAgainstTypes(program) > 0).map(({ path }) => path)
    expect(casting.sort()).toEqual(Object.keys(knownBetter).sort())
  })

  it.each([
    ['value as unknown as string', 1],
    ['(value as unknown) as string', 1],
    ['value as never', 1],
    ['value as never[]', 0],
    ['value as string', 0],
    ['value as unknown', 0],
  ])('recognises %s', (code, count) => {
    expect(castsAgainstTypes(parseSync('code.ts', `const a = ${code}`).program)).toBe(count)
  })
})

describe('parameters', () => {
  it('are as few as can be told apart by their places, but for what is called for each record', () => {
    const many = shipped.filter(({ program }) => tooManyParameters(program) > 0).map(({ path }) => path)
    expect(many.sort()).toEqual([...calledForEachRecord, ...calledByOthers].sort())
  })

  it.each([
    ['class A { constructor(a, b, c, d, e, f, g) {} }', 7],
    ['const one = (a, b, c, d, e, f, g) => { return a }', 7],
    ['function one(a, b, c, d, e, f) {}', 0],
    ['function one({ a, b, c, d, e, f, g }) {}', 0],
    ['type One = (a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1) => void', 0],
  ])('are counted: %s', (code, count) => {
    expect(tooManyParameters(parseSync('code.ts', code).program)).toBe(count)
  })
})

describe('functions', () => {
  it('have at most 70 lines', () => {
    const long = shipped.flatMap(({ path, program }) =>
      longFunctions(readFileSync(join(root, path), 'utf8'), program).map((lines) => `${path}: ${lines} lines`),
    )
    expect(long).toEqual([])
  })

  it.each([
    ['function one() {', 68, []],
    ['function one() {', 69, [71]],
    ['const one = () => {', 69, [71]],
    ['const one = { two() {', 69, [71]],
    ['const one = {', 69, []],
  ])('are counted: %s and %i lines', (beginning, lines, found) => {
    const code = `${beginning}${'\n'.repeat(lines + 1)}}${beginning.includes('two') ? '}' : ''}`
    expect(longFunctions(code, parseSync('code.ts', code).program)).toEqual(found)
  })
})

describe("Kafka's errors are called by name", () => {
  it('has their numbers in the one table alone', () => {
    const numbers = codePaths
      .filter((path) => !mayHaveErrorNumbers(path))
      .flatMap((path) => errorNumbers(readSourceFile(path).program).map((number) => `${path}: ${number}`))
    expect(numbers).toEqual([])
  })

  it('finds the table where it is', () => {
    expect(mayHaveErrorNumbers('packages/core/src/errors/error-codes.ts')).toBe(true)
    expect(existsSync(join(root, 'packages/core/src/errors/error-codes.ts'))).toBe(true)
  })

  it.each([
    ['errorCode === 3', [3]],
    ['topic?.errorCode !== -1', [-1]],
    ['errorCode === 0', []],
    ["errorCode === codeOf('NOT_COORDINATOR')", []],
    ['const notFound = 105; errorCode === notFound', [105]],
    ['errorOfCode(answer?.errorCode ?? -1)', [-1]],
    ['errorOfCode(25)', [25]],
    ['const { errorCode = -1 } = answer', [-1]],
    ['const answer = { partition: 7, errorCode: isNew ? 6 : 0 }', [6]],
    ['new KafkaError(message, { kafkaCode: 58 })', [58]],
    ['const passing = new Set([5, 6]); passing.has(error.kafkaCode)', [5, 6]],
    ['const kafkaCodesOfStatus = { 404: [3, 69] }', [3, 69]],
    ["const texts = { 13: 'gone' }; texts[known.kafkaCode ?? 0]", [13]],
    ['expect(answer.errorCode).toBe(2)', [2]],
    ['expect(codes(topics)).toEqual([0, 3])', [3]],
    ['switch (answer.errorCode) { case 3: f(); break; default: g() }', [3]],
    ['[5, 6].includes(errorCode)', [5, 6]],
    ['expect([answer.errorCode]).toEqual([3])', [3]],
    ['expect([answer.errorCode, answer.baseOffset]).toEqual([0, 3])', []],
    ['answer.errorCode = 7', [7]],
    ['process.exitCode = 1', []],
    ['const offsets = [5, 6]; offsets.has(partition)', []],
    ['// errorCode === 3', []],
  ])('recognises %s', (code, numbers) => {
    expect(errorNumbers(parseSync('code.ts', code).program)).toEqual(numbers)
  })

  it('counts as numbers of errors what can be one', () => {
    expect(errorNumbers(parseSync('code.ts', 'errorOfCode(12345)').program)).toEqual([])
    expect(errorNumbers(parseSync('code.ts', `errorOfCode(${codeOf('INVALID_REGULAR_EXPRESSION')})`).program)).toEqual([
      128,
    ])
  })
})

describe('files', () => {
  it('have at most 300 lines, tests excepted', () => {
    const others = codePaths.filter((path) => !/^packages\/[^/]+\/src\//.test(path) && !/\.test(-d)?\.ts$/.test(path))
    const long = [...shipped, ...others.map(readSourceFile)].filter(({ lines }) => lines > 300)
    expect(long.map(({ path, lines }) => `${path}: ${lines} lines`)).toEqual([])
  })

  it('have lines of at most 120 characters, but for what cannot be broken', () => {
    const long = codePaths
      .filter((path) => !path.endsWith('.js'))
      .flatMap((path) => {
        const code = readFileSync(join(root, path), 'utf8')
        return longLines(code, parseSync(path, code).program).map(({ line }) => `${path}:${line}`)
      })
    expect(long).toEqual([])
  })

  const words = 'of words '.repeat(15)

  it.each([
    [`// ${words}`, true],
    [`/** ${words}*/`, true],
    [`run() // ${words}`, true],
    [`const one = 1 // ${words}`, true],
    [`const one = two // ${words}`, true],
    [`throw new Error('${words}')`, true],
    [`throw new Error(\`${words}\${one} more\`)`, true],
    [`it('${words}', () => {})`, false],
    [`it.each([1])('${words}', () => {})`, false],
    [`const list = '${words}'.split(' ')`, false],
    [`const lines = \`\n${words}\n\``, false],
    [`//> ${words}`, false],
    [`// ${'x'.repeat(130)}`, false],
    [`const found = /${words}/`, false],
    [`import one from '${words}'`, false],
    ['const one = 1', false],
  ])('have lines that are too long where they can be broken: %s', (code, isLong) => {
    expect(longLines(code, parseSync('code.ts', code).program)).toHaveLength(isLong ? 1 : 0)
  })

  it('have kebab-case names that say what is inside', () => {
    const word = '[a-z0-9]+(-[a-z0-9]+)*'
    const kebabCase = new RegExp(`^(${word}/)*${word}(\\.${word})*$`)
    expect(codePaths.filter((path) => !kebabCase.test(path))).toEqual([])
    expect(codePaths.filter((path) => ['utils.ts', 'util.ts', 'helpers.ts'].includes(basename(path)))).toEqual([])
  })
})

function file(path: string, specifier: string, typeOnly = false): SourceFile {
  const imports = [{ specifier, typeOnly, dynamic: false, names: [] }]
  return { path, packageName: undefined, isTest: false, lines: 1, program: undefined, imports }
}

function eachImport(
  files: SourceFile[],
  isWrong: (file: SourceFile, specifier: string, typeOnly: boolean) => boolean,
): string[] {
  return files.flatMap((file) =>
    file.imports
      .filter(({ specifier, typeOnly }) => isWrong(file, specifier, typeOnly))
      .map(({ specifier }) => `${file.path} imports ${specifier}`),
  )
}
