// Copies to `dist` the declarations that the entries of a package reach. tsc writes all of them to `.tsbuild`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { entriesOf } from './root.mjs'

/** The specifiers that a source text imports. */
export const importsOf = (text) => {
  const { importedFiles, referencedFiles, typeReferenceDirectives } = ts.preProcessFile(text)
  return [...importedFiles, ...referencedFiles, ...typeReferenceDirectives].map(({ fileName }) => fileName)
}

/** The declarations that a package's entries reach: the text of each, by its path in `folder`. */
export const reachedDeclarations = (entries, folder) => {
  const texts = new Map(entries.map(({ types }) => [types.replace('./dist/', ''), '']))
  for (const path of texts.keys()) {
    // A map would lead to sources, which are not published.
    const text = readFileSync(join(folder, path), 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/m, '')
    texts.set(path, text)
    for (const name of importsOf(text).filter((each) => each.startsWith('.'))) {
      const next = join(dirname(path), name.replace(/(\.d)?\.[jt]s$/, '.d.ts'))
      if (!texts.has(next)) texts.set(next, '')
    }
  }
  return texts
}

export const copyDeclarations = (folder) => {
  for (const [path, text] of reachedDeclarations(entriesOf(folder), join(folder, '.tsbuild'))) {
    const to = join(folder, 'dist', path)
    mkdirSync(dirname(to), { recursive: true })
    writeFileSync(to, text)
  }
}
