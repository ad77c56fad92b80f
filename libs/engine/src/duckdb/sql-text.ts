/** A name in double quotes, always: generated SQL is not for reading, and no word list has to be right. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A string literal. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`

export const quoteNames = (names: readonly string[]): string => names.map(quoteName).join(', ')
