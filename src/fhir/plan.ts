import { type RecognisedBundle, recogniseBundle } from './bundle.ts';
import type { FhirCode } from './codes.ts';

/** A file as the caller read it; this folder opens none. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

export interface LoadItem extends NamedText {
  readonly bundle: RecognisedBundle;
}

/** In which order to load a folder: hospitals, then practitioners, then one record for each patient bundle. */
export interface LoadPlan {
  readonly hospitals: readonly LoadItem[];
  readonly practitioners: readonly LoadItem[];
  readonly records: readonly LoadItem[];
  /** Reported, and not fatal. */
  readonly skipped: readonly { readonly name: string; readonly reason: FhirCode }[];
}

/** Each list is in the order of file names (UTF-16 units), so that two machines load a folder alike. */
export function planLoad(files: readonly NamedText[]): LoadPlan {
  const items: LoadItem[] = [];
  const skipped: { name: string; reason: FhirCode }[] = [];
  for (const { name, text } of [...files].sort(byName)) {
    const bundle = recogniseBundle(text);
    if (bundle.ok) items.push({ name, text, bundle: bundle.value });
    else skipped.push({ name, reason: bundle.rejection.code });
  }
  return {
    hospitals: items.filter(({ bundle }) => bundle.kind === 'hospitals'),
    practitioners: items.filter(({ bundle }) => bundle.kind === 'practitioners'),
    records: items.filter(({ bundle }) => bundle.kind === 'patient'),
    skipped,
  };
}

const byName = (a: NamedText, b: NamedText): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
