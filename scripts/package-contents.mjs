// Checks the files of an unpacked tarball against its package.json and against the licences of bundled code.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, relative } from 'node:path'
import { build } from 'esbuild'
import { importsOf, reachedDeclarations } from './declarations.mjs'
import { bundledIn, headingsOf } from './licences.mjs'
import { entriesOf, readJson, root } from './root.mjs'

/** Files that every tarball must contain besides its code. */
const needed = ['LICENSE', 'README.md', 'package.json']

/** Loaded by name: knex loads the driver of its dialect. */
const loadedByOthers = ['pg']

/** Programs that a package starts by the name of their file. */
const startedByName = ['dist/worker.js']

const storefront = join(root, 'examples/storefront/src')

const filesOf = (folder, extension) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true })
        .filter((name) => extension.test(name))
        .map((name) => join(folder, name))
    : []

const textsOf = (folder, extension) => filesOf(folder, extension).map((file) => readFileSync(file, 'utf8'))

/** The packages of specifiers. Without files of the package itself and modules of Node. */
const packagesOf = (specifiers) =>
  specifiers
    .filter((name) => !name.startsWith('.') && !name.startsWith('node:') && !builtinModules.includes(name))
    .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'))

/** The JavaScript that consumers can load, and what it imports. */
const readCode = async (folder, files) => {
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: files,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outdir: 'out',
    logLevel: 'error',
  })
  const external = Object.values(metafile.inputs).flatMap(({ imports }) => imports.filter((each) => each.external))
  return { files: Object.keys(metafile.inputs), imported: packagesOf(external.map(({ path }) => path)) }
}

const readTypes = (folder, entries) => {
  const texts = reachedDeclarations(entries, join(folder, 'dist'))
  return {
    files: [...texts.keys()].map((path) => `dist/${path}`),
    imported: packagesOf([...texts.values()].flatMap(importsOf)),
  }
}

/** Every package that published files name is a dependency, and every dependency is named. */
const dependencyFaults = ({ name: own, dependencies = {}, peerDependencies = {} }, code, types) => {
  const named = new Set([...code, ...types, ...loadedByOthers])
  const declared = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies), own])
  const isNamed = (name) =>
    name.startsWith('@types/') ? types.includes(name.slice('@types/'.length)) : named.has(name)
  return [
    ...[...code, ...types]
      .filter((name) => !declared.has(name))
      .map((name) => `imports ${name}, which is no dependency`),
    ...Object.keys(dependencies)
      .filter((name) => !isNamed(name))
      .map((name) => `depends on ${name}, which no published file imports`),
  ]
}

/** The libraries whose code a package contains: in its JavaScript, in the page, and copied for the page at /docs. */
const containedIn = (dist) => [
  ...textsOf(dist, /\.js$/).flatMap((text) => [...bundledIn(text).keys()]),
  ...(existsSync(join(dist, 'page'))
    ? packagesOf(textsOf(storefront, /\.tsx?$/).flatMap(importsOf)).filter((name) => !name.startsWith('@shop/'))
    : []),
  ...(existsSync(join(dist, 'docs')) ? ['swagger-ui-dist'] : []),
]

const licenceFaults = (folder) => {
  const contained = new Set(containedIn(join(folder, 'dist')))
  if (contained.size === 0) return []
  const file = join(folder, 'THIRD-PARTY-LICENSES.md')
  if (!existsSync(file)) return ['has no THIRD-PARTY-LICENSES.md']
  const listed = headingsOf(readFileSync(file, 'utf8'))
  return [...contained].filter((name) => !listed.includes(name)).map((name) => `contains ${name} without its licence`)
}

/** Files of `dist` that nothing loads. The server serves its assets itself. */
const unreached = (folder, known) =>
  filesOf(join(folder, 'dist'), /\.\w+$/)
    .map((file) => relative(folder, file).replaceAll('\\', '/'))
    .filter((file) => !/^dist\/(page|docs)\//.test(file) && !known.has(file))
    .map((file) => `contains ${file}, which no entry reaches`)

export const faultsOf = async (folder) => {
  const manifest = readJson(join(folder, 'package.json'))
  const entries = entriesOf(folder)
  const started = startedByName.filter((file) => existsSync(join(folder, file)))
  const starts = [...entries.map(({ code }) => code), ...Object.values(manifest.bin ?? {}), ...started]
  const code = await readCode(
    folder,
    starts.map((file) => `./${file.replace(/^\.\//, '')}`),
  )
  const types = readTypes(folder, entries)
  return [
    ...needed.filter((name) => !existsSync(join(folder, name))).map((name) => `has no ${name}`),
    ...new Set(dependencyFaults(manifest, code.imported, types.imported)),
    ...unreached(folder, new Set([...code.files, ...types.files])),
    ...licenceFaults(folder),
  ]
}
