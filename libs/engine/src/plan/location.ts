/** Pure path arithmetic for POSIX paths: `.` and `..` are resolved, the result has no slash at its end. */
export const resolvePath = (folder: string, path: string): string => {
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${folder}/${path}`).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

export const folderOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0)) || '.'

export const schemeOf = (location: string): string | undefined =>
  /^([a-z][a-z0-9+.-]*):/i.exec(location)?.[1]?.toLowerCase()
