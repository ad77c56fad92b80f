/** Used once: no two attempts, of this or any other worker, bear the same name (I5). `token` is random. */
export const nameAttempt = (epoch: number, token: string): string => `${epoch}-${token}`
