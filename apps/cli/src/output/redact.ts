const MASK = '••••'
const SECRET_NAME = /pass|secret|token|credential|private|api_?key|access_?key|sasl|jaas/i

/** `scheme://user:password@host`, and `user:password@host` where a broker list has it. */
const USERINFO = /((?:^|[\s,'"=(]|:\/\/)[^\s,'"/:@=(]+):([^\s,'"/@]+)@/g

const encodings = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  secret.replaceAll("'", "''"),
]

/** The values among `variables` that must never be shown: those of secret-like names, and passwords inside addresses. */
export const secretsOf = (variables: Readonly<Record<string, string>>): readonly string[] => {
  const secrets = new Set<string>()
  for (const [name, value] of Object.entries(variables)) {
    // A word of one or two letters would tear ordinary output to pieces and hides nothing.
    if (SECRET_NAME.test(name) && value.length >= 3) secrets.add(value)
    for (const match of value.matchAll(USERINFO)) if (match[2]!.length >= 3) secrets.add(match[2]!)
  }
  return [...secrets]
}

/** A function that masks every secret, and any password in an address, in a text that is about to be shown. */
export const createRedactor = (secrets: readonly string[]): ((text: string) => string) => {
  const needles = [...new Set(secrets.flatMap(encodings))].sort((a, b) => b.length - a.length)
  return (text) => {
    let clean = text
    for (const needle of needles) if (clean.includes(needle)) clean = clean.replaceAll(needle, MASK)
    return clean.includes('@') ? clean.replace(USERINFO, `$1:${MASK}@`) : clean
  }
}
