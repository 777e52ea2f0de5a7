import { shopConfig } from '../tsup.base.js'

/** The program, and each process that it starts. */
export default shopConfig({
  main: 'src/main.ts',
  'library-process': 'src/library/process.ts',
})
