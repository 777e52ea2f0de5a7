import { assetFolder, fileIn } from '../files.js'
import type { ProblemKind } from '../problem-kind.js'
import type { ProblemTable } from '../problem-table.js'

const htmlPage = (title: string, head: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${head}</head>
<body>
${body}</body>
</html>
`

/** Loads every file from this server and nothing inline, so it works offline and under a strict CSP. */
export const docsPage: string = htmlPage(
  'Shop API',
  `<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
`,
  `<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
`,
)

const startScript = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null })
`

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const row = ([code, { status, title, en, ko }]: readonly [string, ProblemKind]): string =>
  `<dt id="${code}"><code>${code}</code> · ${status} · ${escaped(title)}</dt>
<dd>${escaped(en)}</dd>
<dd lang="ko">${escaped(ko)}</dd>
`

/** The page that the `type` of a problem links to. */
export const problemsPage = (table: ProblemTable): string =>
  htmlPage('Problems', '', `<h1>Problems</h1>\n<dl>\n${Object.entries(table).map(row).join('')}</dl>\n`)

const folder = assetFolder('docs')

/** A file of the docs page, or undefined if the page has no such file. */
export const docsFile = (name: string) =>
  name === 'start.js' ? { contentType: 'text/javascript; charset=utf-8', content: startScript } : fileIn(folder, name)
