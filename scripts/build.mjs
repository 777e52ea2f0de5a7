import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { copyDeclarations } from './declarations.mjs'
import { licences, writeLicences } from './licences.mjs'
import { entriesOf, packageFolders, readJson, root, StepFailed } from './root.mjs'
import { forget, hashOf, isCurrent, remember } from './stamp.mjs'

const tsc = join(root, 'node_modules/typescript7/bin/tsc')
const tsup = join(root, 'node_modules/tsup/dist/cli-default.js')
const storefront = join(root, 'examples/storefront')
const vite = join(storefront, 'node_modules/vite/bin/vite.js')
/** The page is published with the server. */
const builtPage = join(root, 'packages/server-express/dist/page')
/** The page at /docs: files of Swagger UI, which the server serves itself. */
const builtDocs = join(root, 'packages/server-express/dist/docs')

/** Builds if a source or a setting changed since the last build, or if a published file is missing. */
export const ensureBuilt = async () => {
  if (!isCurrent('build', hashOf(inputs())) || outputs().some((file) => !existsSync(file))) await build()
}

/** `clean` also compiles every declaration again. */
export const build = async ({ clean = false } = {}) => {
  const began = performance.now()
  const hash = hashOf(inputs())
  forget('build')
  for (const folder of packageFolders()) {
    for (const name of ['dist', ...(clean ? ['.tsbuild'] : [])])
      rmSync(join(folder, name), { recursive: true, force: true })
  }
  const builds = await Promise.allSettled([
    node('declarations', [tsc, '-b'], root),
    ...packageFolders().map((folder) => node(basename(folder), [tsup, '--silent'], folder)),
    node('the page', [vite, 'build', '--logLevel', 'warn', '--outDir', builtPage], storefront),
  ])
  const failed = builds.find(({ status }) => status === 'rejected')
  if (failed) throw failed.reason
  for (const folder of packageFolders()) copyDeclarations(folder)
  copySwaggerUi()
  writeLicences({ page: builtPage, swaggerUi: swaggerUi() })
  compressFiles(builtPage)
  compressFiles(builtDocs)
  remember('build', hash)
  console.log(`built ${packageFolders().length} packages in ${Math.round(performance.now() - began)} ms`)
}

const { resolve } = createRequire(join(root, 'packages/server-express/package.json'))
const swaggerUi = () => dirname(resolve('swagger-ui-dist/package.json'))

/** Not a dependency of the server: it would bring a script that reports each install. */
const copySwaggerUi = () => {
  mkdirSync(builtDocs, { recursive: true })
  for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'])
    copyFileSync(join(swaggerUi(), name), join(builtDocs, name))
}

/** Once at build time, not for each request. The two levels above this one save 8 % more and take ten times as long. */
const compressFiles = (folder) => {
  const level = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder, { recursive: true })) {
    if (/\.(js|css|html|svg)$/.test(name))
      writeFileSync(join(folder, `${name}.br`), brotliCompressSync(readFileSync(join(folder, name)), level))
  }
}

/** The benchmark, which no package needs. */
export const buildBench = () => {
  const folder = join(root, 'bench')
  rmSync(join(folder, 'dist'), { recursive: true, force: true })
  return node('bench', [tsup, '--silent'], folder)
}

const inputs = () => [
  ...['pnpm-lock.yaml', 'tsconfig.json', 'tsconfig.base.json', 'tsup.base.ts'].map((name) => join(root, name)),
  ...packageFolders().flatMap((folder) =>
    ['src', 'package.json', 'tsconfig.json', 'tsup.config.ts'].map((name) => join(folder, name)),
  ),
  ...['src', 'index.html', 'package.json', 'vite.config.ts'].map((name) => join(storefront, name)),
]

/** The files named in `exports` and `bin`, and the page. */
const outputs = () => [
  join(builtPage, 'index.html'),
  join(builtDocs, 'swagger-ui-bundle.js'),
  licences,
  ...packageFolders().flatMap((folder) => {
    const { bin = {} } = readJson(join(folder, 'package.json'))
    return [...entriesOf(folder).flatMap(({ types, code }) => [types, code]), ...Object.values(bin)].map((file) =>
      join(folder, file),
    )
  }),
]

const node = (name, args, cwd) =>
  new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('error', fail)
    child.once('exit', (code) => (code === 0 ? done() : fail(new StepFailed(`the build of ${name} failed`))))
  })
