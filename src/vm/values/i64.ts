/** Cedar's only number: a 64-bit signed integer. */
export const I64_MAX = 2n ** 63n - 1n;
export const I64_MIN = -(2n ** 63n);

export const isI64 = (value: bigint): boolean => value >= I64_MIN && value <= I64_MAX;
