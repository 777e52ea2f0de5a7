// Builds the documentation as a site: the pages of `docs`, and the reference that TypeDoc generates from the
// package entries.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeBehaviours } from './behaviours.mjs'
import { packageFolders, readJson, root, StepFailed } from './root.mjs'

const docs = join(root, 'docs')
/** What TypeDoc writes, on the shelf of the reference. */
const reference = join(docs, 'reference', 'api')

/** The sources of all public entries, with their import names. */
const entries = () =>
  packageFolders().flatMap((folder) => {
    const { name, exports = {} } = readJson(join(folder, 'package.json'))
    return Object.entries(exports).flatMap(([entry, { '@shop/source': source }]) =>
      source && existsSync(join(folder, source))
        ? [{ name: join(name, entry).replaceAll('\\', '/'), file: join(folder, source) }]
        : [],
    )
  })

async function writeReference() {
  const { Application, Converter, OptionDefaults } = await import('typedoc')
  const known = entries()
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: known.map(({ file }) => file),
    tsconfig: join(docs, 'tsconfig.json'),
    name: 'Reference',
    readme: 'none',
    disableSources: true,
    cleanOutputDir: true,
    excludeInternal: true,
    skipErrorChecking: true,
    validation: false,
    logLevel: 'Warn',
    outputs: [{ name: 'markdown', path: reference }],
    outputFileStrategy: 'modules',
    blockTags: [...OptionDefaults.blockTags, '@description', '@constant'],
    hidePageHeader: true,
    hideBreadcrumbs: true,
    sanitizeComments: true,
  })
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      const source = join(root, 'packages', module.name)
      const entry = known.find(({ file }) => file === join(source, 'index.ts') || file === `${source}.ts`)
      if (!entry) throw new StepFailed(`TypeDoc read ${module.name}, which is no entry`)
      module.name = entry.name
    }
  })
  const project = await app.convert()
  if (!project || app.logger.hasErrors()) throw new StepFailed('TypeDoc could not read the packages')
  await app.generateOutputs(project)
  const pages = known.map(({ name }) => ({ text: name, link: `/reference/api/${name}` }))
  writeFileSync(join(reference, 'sidebar.json'), JSON.stringify(pages, null, 2))
}

/** Builds the site without network access. Fails on a broken link. Resolves with the folder of the site. */
export async function buildDocs() {
  const problems = writeBehaviours()
  if (problems.length > 0) throw new StepFailed(problems.join('\n'))
  await writeReference()
  const { build } = await import('vitepress')
  await build(docs)
  return join(docs, '.vitepress/dist')
}
