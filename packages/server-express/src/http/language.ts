export type Language = 'en' | 'ko'

/** The language that an Accept-Language header prefers. English if it prefers neither. */
export const languageOf = (header: string | undefined): Language => {
  if (header === undefined || !/ko/i.test(header)) return 'en'
  const quality = { en: 0, ko: 0, '*': 0 }
  const place = { en: Number.POSITIVE_INFINITY, ko: Number.POSITIVE_INFINITY }
  for (const [index, range] of header.toLowerCase().split(',').entries()) {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim())
    const primary = tag.split('-', 1)[0]
    if (primary !== 'en' && primary !== 'ko' && primary !== '*') continue
    const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1)
    if (!(weight > quality[primary])) continue
    quality[primary] = weight
    if (primary !== '*') place[primary] = index
  }
  const english = Number.isFinite(place.en) ? quality.en : quality['*']
  if (quality.ko !== english) return quality.ko > english ? 'ko' : 'en'
  return quality.ko > 0 && place.ko < place.en ? 'ko' : 'en'
}
