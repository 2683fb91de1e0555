import { ok, type Result } from '../base/result.ts';
import { type BundleEntries, bundleEntries } from './bundle-entries.ts';
import type { FhirCode } from './codes.ts';
import { LABEL_ORDER, type Label } from './consent/types.ts';
import { describeResource, RECORD_CATEGORIES } from './describe.ts';
import { entryTexts } from './entry-texts.ts';
import { parseBounded } from './json.ts';

/** What of a Bundle becomes one record. */
export interface BundlePart {
  /** The wallet's name of the category: what is more than normal is kept apart, under a name of its own. */
  readonly category: string;
  readonly label: Label;
  /** A Bundle of the same type, with these entries as they stand in the file. */
  readonly text: string;
  readonly resources: number;
}

/** Whole, or it is no document any more. */
const DOCUMENTS = 'documents';

export const categoryName = (category: string, label: Label): string =>
  label === 'N' ? category : `${category} (${label})`;

/** Every name that a part can have: with them, a device finds its records again. */
export const categoryNames: readonly string[] = LABEL_ORDER.flatMap((label) =>
  RECORD_CATEGORIES.map((category) => categoryName(category, label)),
);

/**
 * A Bundle in parts that can be granted one by one: entries by the category and the label that each resource suggests (`describeResource`), both in
 * the order in which they come. Every entry is in one part. A document stays whole.
 */
export function splitBundle(text: string): Result<readonly BundlePart[], FhirCode> {
  const parsed = parseBounded(text);
  if (!parsed.ok) return parsed;
  const read = bundleEntries(parsed.value);
  if (!read.ok) return read;
  return ok(read.value.type === 'document' ? [wholeDocument(text, read.value)] : partsOf(text, read.value));
}

function wholeDocument(text: string, { entries }: BundleEntries): BundlePart {
  const labels = entries.map(({ resource }) => describeResource(resource).label);
  const label = LABEL_ORDER.findLast((one) => labels.includes(one)) ?? 'N';
  return { category: categoryName(DOCUMENTS, label), label, text, resources: entries.length };
}

function partsOf(text: string, { type, entries }: BundleEntries): readonly BundlePart[] {
  const texts = entryTexts(text);
  const groups = new Map<string, { readonly label: Label; readonly entries: string[] }>();
  for (const [index, { resource }] of entries.entries()) {
    const { category, label } = describeResource(resource);
    const name = categoryName(category, label);
    const group = groups.get(name) ?? { label, entries: [] };
    group.entries.push(texts[index] as string);
    groups.set(name, group);
  }
  return [...groups].map(([category, group]) => ({
    category,
    label: group.label,
    text: `{"resourceType":"Bundle","type":"${type}","entry":[\n${group.entries.join(',\n')}\n]}\n`,
    resources: group.entries.length,
  }));
}
