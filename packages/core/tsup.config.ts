import { shopConfig } from '../../tsup.base.js'

export default shopConfig({
  index: 'src/index.ts',
  commands: 'src/commands.ts',
  store: 'src/store.ts',
  'in-memory/index': 'src/in-memory/index.ts',
  'testing/index': 'src/testing/index.ts',
  'conformance/index': 'src/conformance/index.ts',
})
