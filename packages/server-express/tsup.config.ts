import { shopOptions } from '../../tsup.base.js'

/** Libraries of many small modules: to load them file by file takes a third of the time that the server needs to start. */
const atStart = ['inversify', /^@inversifyjs\//, 'reflect-metadata', 'jose', 'zod']

export default [
  shopOptions(
    {
      index: 'src/index.ts',
      'jobs/index': 'src/jobs/index.ts',
      'telemetry/index': 'src/telemetry/index.ts',
      'embedded-postgres/index': 'src/embedded-postgres/index.ts',
      main: 'src/main.ts',
    },
    { noExternal: atStart },
  ),
  /** One file that needs nothing: a page can load it as it is, without a bundler. */
  shopOptions(
    { 'client/index': 'src/client/index.ts' },
    { noExternal: ['openapi-fetch'], platform: 'browser', target: 'es2022', splitting: false },
  ),
]
