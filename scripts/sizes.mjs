// Measures each entry bundled, minified and gzipped, and compares it with size-budgets.json.
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { entriesOf, packageFolders, readJson, root } from './root.mjs'

const budgets = readJson(join(root, 'scripts', 'size-budgets.json'))

const entries = packageFolders().flatMap((folder) =>
  entriesOf(folder).map(({ name, code }) => ({ name, file: join(folder, code) })),
)

/** A browser entry includes its dependencies. Dependencies of server entries are installed separately. */
const bundled = async ({ name, file }) => {
  const isForBrowsers = name.endsWith('/client')
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: isForBrowsers ? 'browser' : 'node',
    packages: isForBrowsers ? 'bundle' : 'external',
    outdir: 'out',
    splitting: true,
    logLevel: 'error',
  })
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents).byteLength, 0)
}

export const checkSizes = async () => {
  const sizes = await Promise.all(entries.map(async (entry) => ({ name: entry.name, bytes: await bundled(entry) })))
  const unknown = Object.keys(budgets).filter((name) => !entries.some((entry) => entry.name === name))
  const large = sizes.filter(({ name, bytes }) => !(bytes <= budgets[name]))
  const failures = [
    ...unknown.map((name) => `size-budgets.json names ${name}, which is not an entry`),
    ...large.map(
      ({ name, bytes }) =>
        `${name} is ${bytes} bytes gzipped; its limit in size-budgets.json is ${budgets[name] ?? 'not set'}`,
    ),
  ]
  return { sizes, passed: sizes.length - large.length, failures }
}
