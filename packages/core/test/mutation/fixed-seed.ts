import * as fc from 'fast-check'

/** A mutant must see the same values as the run without mutants. */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_260_101 })
