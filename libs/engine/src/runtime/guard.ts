/** Thrown in place of a step's result when the run is drained before it has read anything. */
export class DrainedEarly extends Error {}

/**
 * The step's result; or, without waiting for it any longer, the reason of `stop`, or {@link DrainedEarly}. The step
 * itself goes on: what it works with is closed by the caller.
 */
export const unlessStopped = <T>(
  signals: { readonly stop: AbortSignal; readonly drain: AbortSignal },
  step: Promise<T>,
): Promise<T> => {
  const { stop, drain } = signals
  return new Promise((resolve, reject) => {
    const onStop = () => reject(stop.reason)
    const onDrain = () => reject(new DrainedEarly())
    stop.addEventListener('abort', onStop)
    drain.addEventListener('abort', onDrain)
    if (stop.aborted) onStop()
    if (drain.aborted) onDrain()
    const settled = () => {
      stop.removeEventListener('abort', onStop)
      drain.removeEventListener('abort', onDrain)
    }
    step.then(resolve, reject).then(settled, settled)
  })
}
