/** Whether a text is the code of a currency, ISO 4217 in capital letters, that this runtime knows. */
export const isCurrency = (value: unknown): value is string =>
  typeof value === 'string' && Intl.supportedValuesOf('currency').includes(value)
