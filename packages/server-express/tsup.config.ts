import { shopConfig } from '../../tsup.base.js'

export default shopConfig({
  index: 'src/index.ts',
  'embedded-postgres/index': 'src/embedded-postgres/index.ts',
  main: 'src/main.ts',
})
