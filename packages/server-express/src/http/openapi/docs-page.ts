import { assetFolder, fileIn } from '../files.js'
import { problemCodes, problemKinds } from '../problem-codes.js'
import type { StatusOf } from '../problem-status.js'

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

/** The page that the `type` of a problem links to. */
export const problemsPage = (statusOf: StatusOf): string => {
  const row = (code: (typeof problemCodes)[number]): string => {
    const { title, en, ko } = problemKinds[code]
    return `<dt id="${code}"><code>${code}</code> · ${statusOf(code)} · ${title}</dt>
<dd>${en}</dd>
<dd lang="ko">${ko}</dd>
`
  }
  return htmlPage('Problems', '', `<h1>Problems</h1>\n<dl>\n${problemCodes.map(row).join('')}</dl>\n`)
}

const folder = assetFolder('docs')

/** A file of the docs page, or undefined if the page has no such file. */
export const docsFile = (name: string) =>
  name === 'start.js' ? { contentType: 'text/javascript; charset=utf-8', content: startScript } : fileIn(folder, name)
