const SIZE = /^\s*(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)\s*$/i

const FACTORS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
}

/** Bytes of `128MB` (decimal, as in DuckDB) or `128MiB` or a bare number; undefined for what is no size above zero. */
export const parseSize_bytes = (text: string): number | undefined => {
  const bare = /^\s*(\d+)\s*$/.exec(text)
  const match = SIZE.exec(text)
  const bytes = bare ? Number(bare[1]) : match ? Number(match[1]) * FACTORS[match[2]!.toUpperCase()]! : 0
  return Number.isSafeInteger(Math.round(bytes)) && bytes >= 1 ? Math.round(bytes) : undefined
}
