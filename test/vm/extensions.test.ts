import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDatetime, parseDecimal, parseDuration, parseIp } from '../../src/vm/index.ts';
import { judged } from './support.ts';

const I64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const i64 = fc.bigInt(I64);
const pad = (n: number | bigint, width: number): string => String(n).padStart(width, '0');

describe('decimal', () => {
  it('reads back what is written with four digits', () => {
    fc.assert(
      fc.property(i64, (units) => {
        const magnitude = units < 0n ? -units : units;
        const text = `${units < 0n ? '-' : ''}${magnitude / 10_000n}.${pad(magnitude % 10_000n, 4)}`;
        expect(parseDecimal(text)).toEqual({ kind: 'decimal', units });
      }),
    );
  });

  it.each([
    '1',
    '1.',
    '.1',
    '+1.0',
    '1.00000',
    '922337203685477.5808',
    '-922337203685477.5809',
    '1e5.0',
    ' 1.0',
    '１.0',
    '1.0\n',
  ])('refuses %j', (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  it('compares by methods', () => {
    expect(
      judged('decimal("-0.5").lessThan(decimal("0.0")) && decimal("1.5").greaterThanOrEqual(decimal("1.50"))'),
    ).toBe('true');
    expect(judged('decimal("1.5").lessThanOrEqual(decimal("1.4")) || decimal("1.4").greaterThan(decimal("1.4"))')).toBe(
      'false',
    );
  });
});

describe('datetime', () => {
  it('agrees with the JavaScript calendar on every instant from year 0 to 9999', () => {
    const first = Date.UTC(2000, 0, 1) - 2_000 * 365.2425 * 86_400_000 + 86_400_000;
    fc.assert(
      fc.property(fc.integer({ min: Math.ceil(first), max: Date.UTC(9999, 11, 31) }), (ms) => {
        const text = new Date(ms).toISOString();
        expect(parseDatetime(text)).toEqual({ kind: 'datetime', units: BigInt(ms) });
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes a date alone as its midnight, and an offset away', () => {
    expect(judged('datetime("2024-02-29") == datetime("2024-02-29T01:30:00+0130")')).toBe('true');
    expect(judged('datetime("2024-01-01T00:00:00.000-0100") == datetime("2024-01-01T01:00:00Z")')).toBe('true');
  });

  it.each([
    '2023-02-29',
    '1900-02-29',
    '2024-13-01',
    '2024-04-31',
    '2024-1-1',
    '2024-01-01T00:00:00',
    '2024-01-01T24:00:00Z',
    '2024-01-01T23:59:60Z',
    '2024-01-01T00:00:00.1Z',
    '2024-01-01T00:00:00+2400',
    '2024-01-01T00:00:00+01:00',
    '2024-01-01Z',
    '',
  ])('refuses %j', (text) => {
    expect(parseDatetime(text)).toBeUndefined();
  });

  it('splits into date and time of day, before the epoch too', () => {
    expect(judged('datetime("1969-12-31T23:59:59.999Z").toDate() == datetime("1969-12-31")')).toBe('true');
    expect(judged('datetime("1969-12-31T23:59:59.999Z").toTime() == duration("23h59m59s999ms")')).toBe('true');
    const lowest = 'datetime("1970-01-01").offset(duration("-9223372036854775808ms"))';
    expect(judged(`${lowest}.toDate() == ${lowest}`)).toBe('vm-eval.overflow');
    expect(judged(`${lowest}.durationSince(datetime("1970-01-02")) == duration("0d")`)).toBe('vm-eval.overflow');
  });

  it('has an order, as durations have', () => {
    expect(judged('datetime("2024-01-01") < datetime("2024-01-02") && duration("1d") >= duration("24h")')).toBe('true');
    expect(judged('datetime("2024-01-01") < duration("1d")')).toBe('vm-eval.type-error');
  });
});

describe('duration', () => {
  it('reads back what is written in milliseconds', () => {
    fc.assert(
      fc.property(i64, (units) => {
        expect(parseDuration(`${units}ms`)).toEqual({ kind: 'duration', units });
      }),
    );
  });

  it('adds its parts', () => {
    const part = fc.nat(10_000);
    fc.assert(
      fc.property(part, part, part, part, part, (d, h, m, s, ms) => {
        const units = BigInt((((d * 24 + h) * 60 + m) * 60 + s) * 1_000 + ms);
        expect(parseDuration(`${d}d${h}h${m}m${s}s${ms}ms`)).toEqual({ kind: 'duration', units });
      }),
    );
  });

  it.each([
    '',
    '-',
    '1',
    'd',
    '+1d',
    '1ms1s',
    '1d1d',
    '1.5d',
    '9223372036854775808ms',
    '106751991168d',
    '99999999999999999999d',
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('converts towards zero', () => {
    expect(judged('duration("-1d23h").toDays() == -1 && duration("119m").toHours() == 1')).toBe('true');
    expect(judged('duration("119s").toMinutes() == 1 && duration("-1999ms").toSeconds() == -1')).toBe('true');
    expect(judged('duration("-1999ms").toMilliseconds() == -1999')).toBe('true');
  });
});

describe('ip', () => {
  it('reads every IPv4 address', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.nat(32), (host, prefix) => {
        const address = host.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
        expect(parseIp(`${host}/${prefix}`)).toEqual({ kind: 'ip', version: 4, address, prefix });
      }),
    );
  });

  it('reads an IPv6 address the same with and without ::', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }),
        fc.nat(7),
        fc.nat(8),
        (groups, from, length) => {
          const to = Math.min(8, from + 1 + length);
          const zeroed = groups.map((group, i) => (i >= from && i < to ? 0 : group).toString(16));
          const short = `${zeroed.slice(0, from).join(':')}::${zeroed.slice(to).join(':')}`;
          const address = BigInt(`0x${zeroed.map((group) => group.padStart(4, '0')).join('')}`);
          expect(parseIp(short)).toEqual({ kind: 'ip', version: 6, address, prefix: 128 });
          expect(parseIp(zeroed.join(':'))).toEqual(parseIp(short));
        },
      ),
    );
  });

  it.each([
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.256',
    '1.2.3.4/33',
    '1.2.3.4/032',
    '1.2.3.4/',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '1::2::3',
    '12345::',
    '::ffff:1.2.3.4',
    '::/129',
    '::1%eth0',
    '',
  ])('refuses %j', (text) => {
    expect(parseIp(text)).toBeUndefined();
  });

  it('knows ranges, loopback and multicast', () => {
    expect(judged('ip("10.1.2.3").isInRange(ip("10.9.9.9/8")) && !ip("10.0.0.0/8").isInRange(ip("10.0.0.0/9"))')).toBe(
      'true',
    );
    expect(judged('ip("1.2.3.4").isInRange(ip("::/0"))')).toBe('false');
    expect(judged('ip("127.0.0.1").isLoopback() && ip("::1").isLoopback() && !ip("127.0.0.0/7").isLoopback()')).toBe(
      'true',
    );
    expect(
      judged('ip("224.0.0.1").isMulticast() && ip("ff02::1").isMulticast() && !ip("10.0.0.1").isMulticast()'),
    ).toBe('true');
    expect(judged('ip("10.0.0.1").isIpv4() && !ip("10.0.0.1").isIpv6()')).toBe('true');
  });
});
