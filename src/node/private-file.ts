import { readFile, stat } from 'node:fs/promises';
import { platform } from 'node:process';
import type { Shape } from '../base/shape.ts';
import { isMissing, replaceFile } from '../storage/durable-file.ts';
import { NodeError } from './errors.ts';
import { NODE_LIMITS } from './limits.ts';

/** Readable and writable by its owner alone. */
const PRIVATE_MODE = 0o600;
const OTHERS = 0o077;

/**
 * A JSON file of the node's owner. Written whole or not at all, with mode 0600; read only where nobody else can, and only in the very
 * form in which it would be written: repeated keys, other numbers and `__proto__` do not survive that.
 */
export async function readPrivateJson<T>(path: string, name: string, shape: Shape<T>): Promise<T> {
  const text = await readText(path, name);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Without the cause: the parser's message quotes the text, which may be a key.
    throw new NodeError('node-file.malformed', { file: name });
  }
  const value = shape(json, '');
  if (!value.ok) throw new NodeError('node-file.malformed', { file: name, ...value.rejection.detail });
  if (render(json) !== text) throw new NodeError('node-file.malformed', { file: name, reason: 'not as it is written' });
  return value.value;
}

export async function writePrivateJson(path: string, value: unknown): Promise<void> {
  await replaceFile(path, async (file) => {
    // Before the first byte: the file was made with the process's own mask.
    await file.chmod(PRIVATE_MODE);
    await file.writeFile(render(value));
  });
}

const render = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

async function readText(path: string, name: string): Promise<string> {
  try {
    const { mode, size } = await stat(path);
    if (platform !== 'win32' && (mode & OTHERS) !== 0) throw new NodeError('node-file.permissions', { file: name });
    if (size > NODE_LIMITS.fileBytesMax) throw new NodeError('node-file.malformed', { file: name, bytes: size });
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) throw new NodeError('node-file.missing', { file: name });
    throw error;
  }
}
