import * as fc from 'fast-check'

/** A mutant must meet the very values that the run without mutants met. */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_260_101 })
