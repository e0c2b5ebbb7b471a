// Compares what each package offers with its report in `packages/*/api/`, so that nobody changes it unaware. `--write`
// writes the reports anew.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import { publishedPackages } from './published-packages.mjs'

const writes = process.argv.includes('--write')
const scratch = mkdtempSync(join(tmpdir(), 'kafkado-api-'))
try {
  for (const { name, folder, manifest, written } of publishedPackages()) {
    if (!written) continue
    for (const [entry, types] of publicEntries(manifest)) {
      const path = entry === '.' ? name : join(name, entry)
      check(path, folder, types)
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** What others import: names for sibling packages may change in any release. */
function publicEntries({ exports }) {
  return Object.entries(exports)
    .filter(([entry]) => !entry.startsWith('./internal') && entry !== './package.json')
    .map(([entry, { types }]) => [entry, types])
}

function check(name, folder, types) {
  const reportName = name.replace('@kafkado/', '').replaceAll('/', '-')
  const report = reportOf(reportName, folder, types)
  const file = join(folder, 'api', `${reportName}.api.md`)
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (report === before) return
  if (writes) {
    mkdirSync(join(folder, 'api'), { recursive: true })
    writeFileSync(file, report)
  } else {
    console.log(
      `${name} offers something else than ${file} says. If that is meant, run npm run api:write and commit it.`,
    )
    process.exitCode = 1
  }
}

/** The declarations of an entry as one text without comments. */
function reportOf(reportFileName, folder, types) {
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, types),
      compiler: { tsconfigFilePath: join(folder, 'tsconfig.build.json') },
      apiReport: {
        enabled: true,
        includeForgottenExports: true,
        reportFileName,
        reportFolder: scratch,
        reportTempFolder: scratch,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  })
  const { succeeded } = Extractor.invoke(config, { localBuild: true, messageCallback: tellErrorsOnly })
  if (!succeeded) process.exitCode = 1
  return readFileSync(join(scratch, `${reportFileName}.api.md`), 'utf8')
}

function tellErrorsOnly(message) {
  if (message.logLevel !== ExtractorLogLevel.Error) message.handled = true
}
