import { effect, signal } from '@preact/signals'
import type { Language } from '../words/language.js'

export type Theme = 'auto' | 'light' | 'dark'

/** Storage may be forbidden. The page then works without saved settings. */
const recall = (name: string): string | null => {
  try {
    return localStorage.getItem(`shop-${name}`)
  } catch {
    return null
  }
}

const keep = (name: string, value: string): void => {
  try {
    localStorage.setItem(`shop-${name}`, value)
  } catch {
    // Ignored: nothing depends on it.
  }
}

const firstLanguage = (): Language => {
  const kept = recall('language')
  if (kept === 'en' || kept === 'ko') return kept
  return navigator.languages.some((tag) => tag.startsWith('ko')) ? 'ko' : 'en'
}

const firstTheme = (): Theme => {
  const kept = recall('theme')
  return kept === 'light' || kept === 'dark' ? kept : 'auto'
}

/** The currency that the server names, ISO 4217. Kept, so that the next visit shows it from the first moment on. */
export const currency = signal<string | undefined>(recall('currency') || undefined)
export const language = signal<Language>(firstLanguage())
export const theme = signal<Theme>(firstTheme())

effect(() => {
  document.documentElement.lang = language.value
  keep('language', language.value)
})

effect(() => keep('currency', currency.value ?? ''))

effect(() => {
  document.documentElement.dataset['theme'] = theme.value
  keep('theme', theme.value)
})
