import { defineErrors } from './registry.ts'

/** Reasons why a record was set aside. `rule` of a dead letter is one of these codes, or a constraint's name. */
export const dataErrors = defineErrors({
  ENG_DATA_CAST: { fault: 'data', summary: 'The value cannot be read as the column’s type.' },
  ENG_DATA_NOT_NULL: { fault: 'data', summary: 'The column is NOT NULL and the record has no value for it.' },
  ENG_DATA_CHECK: { fault: 'data', summary: 'A CHECK constraint is not met.' },
  ENG_DATA_NOT_UTF8: { fault: 'data', summary: 'The message is not valid UTF-8.' },
  ENG_DATA_EMPTY: { fault: 'data', summary: 'The message is empty or null.' },
  ENG_DATA_TOO_LARGE: { fault: 'data', summary: 'The message is larger than message_bytes_max.' },
  ENG_DATA_NO_ROWS: { fault: 'data', summary: 'The message is well-formed but the row path matches nothing in it.' },
  ENG_DATA_XML: { fault: 'data', summary: 'The message is not well-formed XML.' },
  ENG_DATA_XML_DOCTYPE: { fault: 'data', summary: 'The XML has a DOCTYPE, which is refused.' },
  ENG_DATA_JSON: { fault: 'data', summary: 'The message is not valid JSON.' },
  ENG_DATA_LIMIT: { fault: 'data', summary: 'The message passes a limit (depth, attributes, text length).' },
})
