import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countsLine, parseCounts, sum, vitestCounts } from '../../scripts/lib/counts.mjs';
import { judge } from '../../scripts/lib/expectations.mjs';
import { fingerprint } from '../../scripts/lib/fingerprint.mjs';
import { withLock } from '../../scripts/lib/lock.mjs';
import { inRoot } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/run-captured.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-scripts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the counts line', () => {
  it('is read as it is written, and the last one counts', () => {
    const counts = { passed: 12, failed: 3, skipped: 1 };
    expect(parseCounts(`1 passed, 0 failed\nnoise\n${countsLine(counts)}\n`)).toEqual(counts);
    expect(countsLine({ passed: 4, failed: 0 })).toBe('4 passed, 0 failed');
  });

  it('is not found where a suite printed none', () => {
    expect(parseCounts('all 12 passed, 0 failed tests\n')).toBeUndefined();
  });

  it('adds up', () => {
    expect(
      sum([
        { passed: 1, failed: 2 },
        { passed: 3, failed: 0, skipped: 4 },
      ]),
    ).toEqual({ passed: 4, failed: 2, skipped: 4 });
  });

  const report = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 0, testResults: [] };
  const brokenFile = { status: 'failed', assertionResults: [] };

  it('counts a file that broke before its tests, an error outside all tests and a missing report as failures', () => {
    expect(vitestCounts(report, true)).toEqual({ passed: 5, failed: 0, skipped: 1 });
    expect(vitestCounts({ ...report, testResults: [brokenFile, brokenFile] }, false).failed).toBe(2);
    expect(vitestCounts(report, false).failed).toBe(1);
    expect(vitestCounts(undefined, true).failed).toBe(1);
  });
});

describe('a campaign suite', () => {
  const outcome = (value, ok = true) => ({ ok, how: ok ? 'exit 0' : 'exit 1', stdout: JSON.stringify(value) });
  const expectation = { kind: 'checks', names: ['a', 'b'] };
  const good = {
    ok: true,
    checks: [
      { name: 'a', ok: true },
      { name: 'b', ok: true },
      { name: 'c', ok: true },
    ],
  };

  it('passes when every check holds and every name asked for is there', () => {
    expect(judge(outcome(good), expectation)).toEqual({ passed: 3, failed: 0, problems: [] });
  });

  it.each([
    ['a check that does not hold', outcome({ ok: true, checks: [...good.checks, { name: 'd', ok: false }] })],
    ['a missing check', outcome({ ok: true, checks: [{ name: 'a', ok: true }] })],
    ['"ok": false', outcome({ ...good, ok: false })],
    ['a bad exit', outcome(good, false)],
    ['no JSON', { ok: true, how: 'exit 0', stdout: 'all fine' }],
    ['JSON that is no report', outcome(null)],
  ])('fails on %s', (_, result) => {
    expect(judge(result, expectation).failed).toBeGreaterThan(0);
  });

  it('fails on an expectation that nobody knows, and on counts that are not printed', () => {
    expect(judge(outcome(good), { kind: 'hope' }).failed).toBe(1);
    expect(judge(outcome(good), undefined).failed).toBe(1);
    expect(judge({ ok: true, stdout: '3 passed, 0 failed\n' }, { kind: 'counts' })).toMatchObject({
      passed: 3,
      failed: 0,
    });
    expect(judge({ ok: true, stdout: '' }, { kind: 'counts' }).failed).toBe(1);
  });

  it('has its seconds in suites.json, and together with set-up and tests they stay below 30 minutes', () => {
    const { setup, test, campaigns } = JSON.parse(readFileSync(inRoot('scripts', 'suites.json'), 'utf8'));
    const inCi = campaigns.filter(({ ci }) => ci);
    expect(test.seconds).toBeLessThanOrEqual(300);
    for (const { name, seconds } of campaigns) expect(seconds, name).toBeGreaterThan(0);
    expect(inCi.reduce((total, { seconds }) => total + seconds, setup.seconds + test.seconds)).toBeLessThanOrEqual(
      30 * 60,
    );
  });
});

describe('a fingerprint', () => {
  it('changes with a name, a byte, a new file and a removed one, and with nothing else', () => {
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src', 'a.ts'), 'one');
    const first = fingerprint(folder, ['src', 'absent']);
    writeFileSync(join(folder, 'src', 'a.ts'), 'one');
    expect(fingerprint(folder, ['src', 'absent'])).toBe(first);
    const others = [];
    writeFileSync(join(folder, 'src', 'a.ts'), 'two');
    others.push(fingerprint(folder, ['src']));
    writeFileSync(join(folder, 'src', 'b.ts'), '');
    others.push(fingerprint(folder, ['src']));
    rmSync(join(folder, 'src', 'a.ts'));
    others.push(fingerprint(folder, ['src']));
    expect(new Set([first, ...others]).size).toBe(4);
  });
});

describe('the set-up lock', () => {
  it('lets one in at a time, and leaves nothing behind', async () => {
    const path = join(folder, 'lock');
    const events = [];
    const work = (name) =>
      withLock(path, async () => {
        events.push(`${name} in`);
        await run(['true']);
        events.push(`${name} out`);
      });
    await Promise.all([work('a'), work('b'), work('c')]);
    expect(events).toHaveLength(6);
    for (let i = 0; i < 6; i += 2) expect(events[i + 1]).toBe(events[i].replace('in', 'out'));
    expect(existsSync(path)).toBe(false);
  });

  it('is freed when the work throws', async () => {
    const path = join(folder, 'lock');
    const failing = withLock(path, () => Promise.reject(new Error('no disk')));
    await expect(failing).rejects.toThrow('no disk');
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['with a token', 'dead'],
    ['without one', undefined],
  ])('of a process that died, %s, is broken', async (_, token) => {
    const path = join(folder, 'lock');
    mkdirSync(path);
    if (token !== undefined) writeFileSync(join(path, token), '');
    let waited = false;
    const onWait = () => {
      waited = true;
    };
    expect(await withLock(path, async () => 'done', { onWait, staleMs: 50 })).toBe('done');
    expect(waited).toBe(true);
  });
});

describe('a captured command', () => {
  it('says how it ended, and what it printed', async () => {
    expect(await run(['sh', '-c', 'echo out; echo err >&2; exit 3'])).toMatchObject({
      ok: false,
      how: 'exit 3',
      stdout: 'out\n',
    });
    expect(await run(['sh', '-c', 'kill -TERM $$'])).toMatchObject({ ok: false, how: 'SIGTERM' });
    expect((await run([join(folder, 'nothing')])).how).toContain('could not start');
  });

  it('is ended with its children when its time is over, and leaves none when it ends by itself', async () => {
    expect(await run(['sh', '-c', 'sleep 60 & sleep 60'], { timeoutMs: 50 })).toMatchObject({
      ok: false,
      how: 'out of time after 0.05 s',
    });
    // Resolves only when the background child has let go of the output.
    expect(await run(['sh', '-c', 'sleep 60 & exit 0'])).toMatchObject({ ok: true });
  });
});
