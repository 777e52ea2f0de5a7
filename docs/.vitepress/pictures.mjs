import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * A picture is an SVG file, so that GitHub shows it, too. The site writes the file into the page: its colours then
 * follow the page's switch between light and dark, not only the setting of the system.
 */
export function writePicturesIntoPages(markdown) {
  const image = markdown.renderer.rules.image
  markdown.renderer.rules.image = (tokens, index, options, env, self) => {
    const { attrs, content } = tokens[index]
    const source = Object.fromEntries(attrs).src
    if (!/^[^:]*(pictures|results)\/[^/]+\.svg$/.test(source)) return image(tokens, index, options, env, self)
    const svg = readFileSync(resolve(dirname(env.path), source), 'utf8')
    const { escapeHtml } = markdown.utils
    return `<span role="img" aria-label="${escapeHtml(content)}" v-html="${escapeHtml(JSON.stringify(svg))}"></span>`
  }
}
