import { ok, type Result, refuse } from '../base/result.ts';
import type { FhirCode } from './codes.ts';
import { FHIR_LIMITS } from './limits.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;
/** A name that a careless reader would hang a prototype on. */
const FORBIDDEN_NAME = '__proto__';
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;

interface Open {
  /** Names so far; null in a list. */
  readonly names: Set<string> | null;
  /** Whether the next text is a name. */
  expectsName: boolean;
}

/**
 * Looks through JSON text before a parser does, without recursion: nesting, a name that stands twice in one object (of which parsers
 * keep whichever they like), `__proto__`, and whole numbers that would lose digits. What is no JSON at all is the parser's to refuse.
 */
export function scanJson(text: string): Result<null, FhirCode> {
  const open: Open[] = [];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const inner = open[open.length - 1];
    if (unit === QUOTE) {
      const end = endOfText(text, at);
      const named = inner?.expectsName === true ? takeName(inner, text.slice(at, end + 1)) : ok(null);
      if (!named.ok) return named;
      at = end;
    } else if (unit === OPEN_MAP || unit === OPEN_LIST) {
      if (open.length === FHIR_LIMITS.depthMax) return refuse('fhir-json.too-deep', { depthMax: FHIR_LIMITS.depthMax });
      open.push({ names: unit === OPEN_MAP ? new Set() : null, expectsName: unit === OPEN_MAP });
    } else if (unit === CLOSE_MAP || unit === CLOSE_LIST) open.pop();
    else if (unit === COMMA && inner !== undefined) inner.expectsName = inner.names !== null;
    else if (unit === COLON && inner !== undefined) inner.expectsName = false;
    else if (isNumberStart(unit)) {
      const number = numberAt(text, at);
      if (!isExact(number)) return refuse('fhir-json.inexact-number');
      at += Math.max(number.length, 1) - 1;
    }
  }
  return ok(null);
}

/** The place of the closing quote, or of the text's end. */
export function endOfText(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === BACKSLASH) at++;
    else if (unit === QUOTE) return at;
  }
  return text.length - 1;
}

function takeName({ names }: Open, quoted: string): Result<null, FhirCode> {
  const name = quoted.includes('\\') ? unescaped(quoted) : quoted.slice(1, -1);
  if (name === FORBIDDEN_NAME) return refuse('fhir-json.forbidden-name');
  if (names?.has(name)) return refuse('fhir-json.duplicate-name');
  names?.add(name);
  return ok(null);
}

function unescaped(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    // No JSON: the parser refuses the whole text.
    return quoted;
  }
}

const isNumberStart = (unit: number): boolean => (unit >= 0x30 && unit <= 0x39) || unit === 0x2d;

function numberAt(text: string, at: number): string {
  NUMBER.lastIndex = at;
  return NUMBER.exec(text)?.[0] ?? '';
}

const isExact = (number: string): boolean => /[.eE]/.test(number) || Number.isSafeInteger(Number(number));
