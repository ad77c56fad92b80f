/**
 * For `describe.skipIf(!(await requireOrSkip('Kafka', checkKafka)))`: true when the service can be had. Where it cannot,
 * tests are skipped with a visible line, but on CI (`CI=true`) the reason is thrown: there nothing may be skipped.
 */
export const requireOrSkip = async (service: string, check: () => Promise<unknown>): Promise<boolean> => {
  try {
    await check()
    return true
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    process.stderr.write(`SKIPPED: tests that need ${service}: ${(error as Error).message}\n`)
    return false
  }
}
