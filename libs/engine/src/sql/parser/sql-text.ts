import type { FillNode, SqlText } from '../ast.ts'
import type { Token } from '../token.ts'

/** Consecutive tokens as DuckDB SQL: the user's own text, spaces and comments too, but for what was filled in. */
export const joinTokens = (source: string, file: string, tokens: readonly Token[]): SqlText => {
  const start = tokens[0]!.start
  const end = tokens.at(-1)!.end
  const span = { file, start, end }
  if (!tokens.some((token) => token.rewritten)) return { text: source.slice(start, end), span }
  const fills: FillNode[] = []
  let text = ''
  let copied = start
  for (const token of tokens) {
    if (!token.rewritten) continue
    text += source.slice(copied, token.start)
    const sourceSpan = { file, start: token.start, end: token.end }
    fills.push({ start: text.length, end: text.length + token.text.length, source: sourceSpan })
    text += token.text
    copied = token.end
  }
  return { text: text + source.slice(copied, end), span, fills }
}
