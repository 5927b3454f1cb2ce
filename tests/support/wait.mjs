// Waiting for what programs and networks do, never for longer than said.

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Asks `condition` again and again until it gives something true, and returns that. Fails after `ms`
// with `what` in the message and, if it is a function, what it returns then.
export async function until(condition, ms, what = condition.toString()) {
  const deadline = performance.now() + ms;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (performance.now() > deadline) {
      throw new Error(`after ${ms} ms still not: ${typeof what === 'function' ? what() : what}`);
    }
    await sleep(10);
  }
}

// The outcome of `promise`, or an error after `ms`.
export async function within(ms, promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`after ${ms} ms still not: ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
