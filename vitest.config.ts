import { defineConfig } from 'vitest/config'

const project = (name: string, root: string) => ({
  test: {
    name,
    root,
    include: ['test/**/*.test.ts'],
    pool: 'forks' as const,
    testTimeout: 60_000,
    hookTimeout: 240_000,
  },
})

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      project('xml', 'libs/xml'),
      project('storage', 'libs/storage'),
      project('engine', 'libs/engine'),
      project('testkit', 'libs/testkit'),
      project('cli', 'apps/cli'),
    ],
  },
})
