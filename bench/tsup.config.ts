import { shopConfig } from '../tsup.base.js'

/** The program, and each process that it starts. */
export default shopConfig(
  {
    main: 'src/main.ts',
    'by-hand-process': 'src/by-hand/process.ts',
    'bare-express': 'src/http/bare-express.ts',
    'bare-start': 'src/http/bare-start.ts',
    'mounted-host': 'src/http/mounted-host.ts',
    'load-process': 'src/http/load/process.ts',
    'library-process': 'src/library/process.ts',
    'limit-process': 'src/limit/process.ts',
    'replica-process': 'src/replicas/process.ts',
    tenants: 'src/tenants/main.ts',
    'tenants-process': 'src/tenants/process.ts',
    'tenants-load': 'src/tenants/load-process.ts',
    upgrade: 'src/upgrade/main.ts',
    'upgrade-process': 'src/upgrade/process.ts',
  },
  { sourcemap: true },
)
