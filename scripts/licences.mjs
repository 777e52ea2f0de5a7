// The licences of all libraries whose code is in the server's `dist`: bundled, in the page, or copied.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, root } from './root.mjs'

const server = join(root, 'packages/server-express')
export const licences = join(server, 'THIRD-PARTY-LICENSES.md')

const introduction = `# Third-party licences

The files in \`dist\` contain code of these libraries. Each keeps its licence.
`

/** esbuild names the file of every module above its code. */
const moduleComment = /^\s*\/\/ (\S*node_modules\/((?:@[^/\s]+\/)?[^/\s]+))\/\S+$/gm

/** The libraries bundled into JavaScript that esbuild wrote: the folder of each, relative to its package, by name. */
export const bundledIn = (text) => new Map([...text.matchAll(moduleComment)].map(([, path, name]) => [name, path]))

export const headingsOf = (text) => [...text.matchAll(/^## (\S+) \(/gm)].map(([, name]) => name)

const scripts = (folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))

/** For a package that declares MIT but contains no text. The licence demands the text. */
const mit = (author) => `MIT License

Copyright (c) ${author}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`

/** From an installed package. `NOTICE` and the licences of its own parts belong to it, too. */
const licenceOf = (folder) => {
  const { name, version, license, author } = readJson(join(folder, 'package.json'))
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying|swagger-ui-bundle\.js\.licen[cs]e)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim())
  if (texts.length === 0 && license === 'MIT' && author) texts.push(mit(author.name ?? author))
  if (texts.length === 0) throw new Error(`${name} ${version} is bundled, but it contains no licence`)
  return { name, identifier: license, texts }
}

/** Vite writes the list. The server must not serve it. */
const takePageLicences = (page) => {
  const file = join(page, 'licences.json')
  const listed = readJson(file)
  rmSync(file)
  return listed.map(({ name, identifier, text }) => {
    if (!text) throw new Error(`${name} is part of the page, but it contains no licence`)
    return { name, identifier, texts: [text.trim()] }
  })
}

const section = ({ name, identifier, texts }) =>
  [`## ${name} (${identifier})`, ...texts.map((text) => `\`\`\`\n${text}\n\`\`\``)].join('\n\n')

/** Writes the licences of what the build put into `dist`. */
export const writeLicences = ({ page, swaggerUi }) => {
  const bundled = new Map(scripts(join(server, 'dist')).flatMap((text) => [...bundledIn(text)]))
  const all = [
    ...takePageLicences(page),
    ...[...bundled.values()].map((path) => licenceOf(join(server, path))),
    licenceOf(swaggerUi),
  ]
  const byName = new Map(all.map((licence) => [licence.name, licence]))
  const sorted = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  writeFileSync(licences, `${[introduction.trim(), ...sorted.map(section)].join('\n\n')}\n`)
}
