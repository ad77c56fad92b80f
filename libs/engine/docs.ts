import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { errorsMarkdown } from './src/core/errors/markdown.ts'

/** npm run docs: writes the pages that are generated from the code. A test holds them against it. */
writeFileSync(fileURLToPath(new URL('../../docs/errors.md', import.meta.url)), errorsMarkdown())
