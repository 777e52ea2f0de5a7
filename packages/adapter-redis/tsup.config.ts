import { shopConfig } from '../../tsup.base.js'

export default shopConfig({
  index: 'src/index.ts',
})
