// Generates a module beside every Lua script of adapter-redis, so that neither sources nor the build need a
// loader. With --check, only fails if a module does not match its script.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.mjs'

const folder = join(root, 'packages/adapter-redis/src/scripts')

const moduleOf = (file) => {
  const lua = readFileSync(join(folder, file), 'utf8')
  if (/[`\\]|\$\{/.test(lua))
    throw new Error(`${file}: a script must not contain a backquote, a backslash or a dollar brace`)
  const name = file.replace(/[.]lua$/, '').replace(/-(\w)/g, (_, letter) => letter.toUpperCase())
  const body = lua.replace(/^(--.*\n)+\n*/, '')
  return `// Made of ${file} by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const ${name} = scriptOf(\`${body}\`)
`
}

const stale = readdirSync(folder)
  .filter((file) => file.endsWith('.lua'))
  .filter((file) => {
    const path = join(folder, file.replace(/[.]lua$/, '.ts'))
    const text = moduleOf(file)
    let found = ''
    try {
      found = readFileSync(path, 'utf8')
    } catch {}
    if (found === text) return false
    if (!process.argv.includes('--check')) writeFileSync(path, text)
    return true
  })
for (const file of stale) console.log(file)
process.exitCode = process.argv.includes('--check') && stale.length > 0 ? 1 : 0
