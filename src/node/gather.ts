/**
 * Waits for answers that come in any order: resolves once `wanted` are there or none is outstanding. What comes later is not waited for; what
 * is `undefined` does not count. The answers must not reject.
 */
export function gather<T>(answers: readonly Promise<T | undefined>[], wanted: number): Promise<readonly T[]> {
  return new Promise((resolve, reject) => {
    const found: T[] = [];
    let outstanding = answers.length;
    if (outstanding === 0 || wanted <= 0) resolve(found);
    for (const answer of answers)
      answer.then((value) => {
        outstanding--;
        if (value !== undefined) found.push(value);
        if (found.length >= wanted || outstanding === 0) resolve([...found]);
      }, reject);
  });
}
