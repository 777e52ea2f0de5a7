// Writes one report of public types per package entry to `etc`, so that a change of the API shows in the diff.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor'
import { entriesOf, packageFolders, root } from './root.mjs'

const committed = join(root, 'etc')
const fresh = join(root, 'reports', 'api')

const entries = packageFolders().flatMap((folder) =>
  entriesOf(folder).map(({ name, types }) => ({
    folder,
    declarations: join(folder, types),
    report: `${name.replace('@shop/', '').replaceAll('/', '.')}.api.md`,
  })),
)

const silent = { default: { logLevel: 'none' } }

const configOf = ({ folder, declarations, report }) =>
  ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: declarations,
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'ES2022',
            lib: ['ES2023'],
            module: 'NodeNext',
            moduleResolution: 'NodeNext',
            strict: true,
            skipLibCheck: true,
            types: ['node'],
            typeRoots: [join(root, 'node_modules/@types')],
          },
          files: entries.map((entry) => entry.declarations),
        },
      },
      apiReport: {
        enabled: true,
        reportFolder: fresh,
        reportTempFolder: join(fresh, 'temp'),
        reportFileName: report,
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: { compilerMessageReporting: silent, extractorMessageReporting: silent, tsdocMessageReporting: silent },
    },
  })

const extract = () => {
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  const configs = entries.map(configOf)
  // One program for all entries: most of the time goes into reading the types of Node and the libraries.
  const compilerState = CompilerState.create(configs[0], {
    additionalEntryPoints: entries.map((entry) => entry.declarations),
  })
  for (const config of configs) {
    const { succeeded } = Extractor.invoke(config, {
      compilerState,
      localBuild: true,
      messageCallback(message) {
        message.handled = true
        if (message.logLevel === 'error') console.error(message.text)
      },
    })
    if (!succeeded) throw new Error(`could not create the report of ${config.mainEntryPointFilePath}`)
  }
}

const textOf = (folder, name) => {
  const path = join(folder, name)
  return existsSync(path) ? readFileSync(path, 'utf8').replaceAll('\r\n', '\n') : ''
}

/** The lines that only one of the two texts contains. */
const difference = (before, after) => {
  const [old, young] = [before, after].map((text) => new Set(text.split('\n')))
  return [
    ...[...old].filter((line) => !young.has(line)).map((line) => `- ${line}`),
    ...[...young].filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ]
}

extract()
const names = new Set([
  ...entries.map(({ report }) => report),
  ...(existsSync(committed) ? readdirSync(committed) : []),
])
const changed = [...names].filter((name) => textOf(committed, name) !== textOf(fresh, name))

/** Every name and every field of these packages is documented: an editor shows it where it is used. */
const isDocumented = (report) => /^(core|adapter-)/.test(report)

const undocumented = entries
  .map(({ report }) => report)
  .filter((report) => isDocumented(report) && textOf(fresh, report).includes('(undocumented)'))
for (const report of undocumented) {
  console.error(`reports/api/${report} has names without a docstring: search it for (undocumented)`)
}

if (process.argv.includes('--write')) {
  rmSync(committed, { recursive: true, force: true })
  mkdirSync(committed)
  for (const { report } of entries) writeFileSync(join(committed, report), textOf(fresh, report))
  console.log(changed.length > 0 ? `changed: ${changed.join(', ')}` : 'nothing changed')
  process.exitCode = undocumented.length > 0 ? 1 : 0
} else {
  for (const name of changed) {
    const lines = difference(textOf(committed, name), textOf(fresh, name))
    console.error(`etc/${name} does not match the package:\n${lines.slice(0, 40).join('\n')}`)
  }
  if (changed.length > 0)
    console.error('\nIf the change is intended, run npm run api and add a changeset (npm run changeset).')
  process.exitCode = changed.length + undocumented.length > 0 ? 1 : 0
}
