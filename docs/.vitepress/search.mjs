/**
 * Weighs a page of the search: guides come before generated pages, however often those repeat a word.
 * The site runs its source in the browser, so it uses nothing from outside.
 */
export const weightOf = (path) => {
  if (path.includes('/reference/api/')) return 0.05
  if (/\/(http-api|laws|mutants|behaviours)\.html/.test(path)) return 0.15
  if (/\/(decisions|reference)\//.test(path)) return 0.6
  return 1
}
