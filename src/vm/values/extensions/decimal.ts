import { isI64 } from '../i64.ts';
import type { ExtensionValue } from '../value.ts';

/** An optional minus, digits, a point, one to four digits. */
const DECIMAL = /^(-?)([0-9]+)\.([0-9]{1,4})$/;
/** More integer digits than any i64 of 10⁻⁴ units has. */
const DIGITS_MAX = 19;

/** `decimal("12.34")`: units of 10⁻⁴ within i64. */
export function parseDecimal(text: string): ExtensionValue | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const whole = (match[2] as string).replace(/^0+/, '');
  if (whole.length > DIGITS_MAX) return undefined;
  const magnitude = BigInt(whole + (match[3] as string).padEnd(4, '0'));
  const units = match[1] === '-' ? -magnitude : magnitude;
  return isI64(units) ? { kind: 'decimal', units } : undefined;
}
