import openapiTypescript, { astToString } from 'openapi-typescript'
import { expect, test } from 'vitest'
import { openApiDocument } from '../../src/http/openapi/document.js'
import { statusOf } from '../../src/http/problem-codes.js'
import { makeRoutes } from '../../src/http/route-table.js'

const heading = `// Made from the OpenAPI document, never by hand.
// Made anew by: vitest run --project unit packages/server-express/test/client/api-types -u

`

test('the types of the client are those of the OpenAPI document of a server with demo data', async () => {
  const document = openApiDocument(makeRoutes({ demo: true }), statusOf())
  const types = astToString(await openapiTypescript(JSON.stringify(document), { alphabetize: true }))
  await expect(heading + types).toMatchFileSnapshot('../../src/client/api-types.ts')
})
