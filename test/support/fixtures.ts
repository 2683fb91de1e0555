/**
 * Large public data that tests read but the repository does not hold: the folder named by `CARECHAIN_FIXTURES`. Where it is
 * unset such a test skips and says so; with `CARECHAIN_REQUIRE_FIXTURES=1` it fails instead, so that no run on the
 * project's own machines passes by skipping.
 */
export function fixturesFolder(): string | undefined {
  const folder = process.env.CARECHAIN_FIXTURES;
  if (folder !== undefined && folder !== '') return folder;
  if (process.env.CARECHAIN_REQUIRE_FIXTURES === '1')
    throw new Error('CARECHAIN_REQUIRE_FIXTURES=1, but CARECHAIN_FIXTURES names no folder');
  return undefined;
}

/** Why a test that needs the folder was skipped: part of the skipped test's name. */
export const FIXTURES_SKIPPED = '(skipped: CARECHAIN_FIXTURES names no folder of public data)';
