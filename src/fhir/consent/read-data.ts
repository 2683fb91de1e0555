import { equal, fromHex, toHex } from '../../base/bytes.ts';
import type { ConsentCode } from '../codes.ts';
import type { JsonMap } from '../json.ts';
import { OWN } from '../terms.ts';
import type { Reading } from './reading.ts';
import type { GrantedCategory } from './rule.ts';
import type { ConsentSetting, KnownCategory } from './types.ts';

/** `<category in hexadecimal>:<first epoch>-<last epoch>`, the value of an identifier in `OWN.category`. */
const CATEGORY = /^([0-9a-f]{32}):(0|[1-9]\d{0,6})-(0|[1-9]\d{0,6})$/;

export const categoryText = ({ category, epochFrom, epochTo }: GrantedCategory): string =>
  `${toHex(category)}:${epochFrom}-${epochTo}`;

interface Item {
  readonly value: GrantedCategory | ConsentCode;
  readonly path: string;
  readonly isKnown: boolean;
}

/** Data that a provision is limited to. Only whole categories of this patient, named as we name them, are understood. */
export function readCategories(
  reading: Reading,
  data: readonly JsonMap[],
  setting: ConsentSetting,
  path: string,
): readonly Item[] {
  return data.map((one, index) => {
    const at = `${path}.data[${index}]`;
    const identifier = identifierOf(reading, one, at);
    const value = identifier === null ? null : reading.text(identifier, 'value', at);
    const isOurs = identifier !== null && reading.text(identifier, 'system', at) === OWN.category;
    const category = isOurs && value !== null ? readCategory(value, setting.categories) : undefined;
    return category === undefined
      ? { value: 'fhir-consent.data', path: at, isKnown: false }
      : { value: category, path: at, isKnown: true };
  });
}

function identifierOf(reading: Reading, data: JsonMap, path: string): JsonMap | null {
  if (reading.text(data, 'meaning', path) !== 'instance') return null;
  const reference = reading.map(data, 'reference', path);
  return reference === null ? null : reading.map(reference, 'identifier', path);
}

function readCategory(text: string, known: readonly KnownCategory[]): GrantedCategory | undefined {
  const [, hex = '', from = '', to = ''] = CATEGORY.exec(text) ?? [];
  const category = fromHex(hex);
  const found = category === undefined ? undefined : known.find((one) => equal(one.category, category));
  const [epochFrom, epochTo] = [Number(from), Number(to)];
  return found === undefined || epochFrom > epochTo || epochTo > found.epoch
    ? undefined
    : { category: found.category, epochFrom, epochTo };
}
