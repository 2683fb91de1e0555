import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { type NodeConfig, readNodeConfig, writeNodeConfig } from '../../src/node/config.ts';
import { NodeError } from '../../src/node/errors.ts';
import { generateHospitalKeys, readHospitalKeys, writeHospitalKeys } from '../../src/node/keys.ts';
import { NODE_LIMITS } from '../../src/node/limits.ts';
import { hospitalKeys, temporaryFolder } from '../support/consortium.ts';

const keys = hospitalKeys(1);
const config: NodeConfig = {
  version: 1,
  name: 'Hospital 1',
  listen: ['/ip4/127.0.0.1/tcp/4001'],
  api: { host: '127.0.0.1', port: 8_080, tls: null },
  peers: [{ hospital: '00'.repeat(20), addresses: ['/dns4/peer.example/tcp/4001'] }],
  logLevel: 'info',
};

const keysFile = async (): Promise<string> => {
  const path = join(await temporaryFolder(), 'keys.json');
  await writeHospitalKeys(path, keys);
  return path;
};

async function errorOf(action: Promise<unknown>): Promise<NodeError> {
  const error = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(NodeError);
  return error as NodeError;
}

/** No piece of a key, in any form that a message could take. */
function expectSilent(error: NodeError): void {
  const said = `${error.stack} ${JSON.stringify(error.detail)} ${String(error.cause)}`;
  for (const secret of Object.values(keys)) expect(said).not.toContain(toHex(secret).slice(0, 12));
}

describe('keys.json and node.json', () => {
  it('hold what was written, for their owner alone', async () => {
    const path = await keysFile();
    expect(await readHospitalKeys(path)).toEqual(keys);
    expect((await stat(path)).mode & 0o777).toBe(0o600);

    const configPath = join(await temporaryFolder(), 'node.json');
    await writeNodeConfig(configPath, config);
    expect(JSON.parse(JSON.stringify(await readNodeConfig(configPath)))).toEqual(config);
    expect((await stat(configPath)).mode & 0o777).toBe(0o600);
  });

  it('hold a second validator key while one waits for its height, and refuse it in a file of the older form', async () => {
    const path = await keysFile();
    const changing = { ...keys, nextValidator: hospitalKeys(2).validator };
    await writeHospitalKeys(path, changing);
    expect(await readHospitalKeys(path)).toEqual(changing);
    const text = await readFile(path, 'utf8');
    expect(text).toContain('"version": 2');
    await writeFile(path, text.replace('"version": 2', '"version": 3'));
    expectSilent(await errorOf(readHospitalKeys(path)));
    await writeHospitalKeys(path, keys);
    expect(await readHospitalKeys(path)).toEqual(keys);
  });

  it('are refused where others can read them', async () => {
    const path = await keysFile();
    await chmod(path, 0o640);
    expect((await errorOf(readHospitalKeys(path))).code).toBe('node-file.permissions');
  });

  it('are refused where they are missing or too large', async () => {
    const path = await keysFile();
    expect((await errorOf(readHospitalKeys(`${path}.none`))).code).toBe('node-file.missing');
    await writeFile(path, ' '.repeat(NODE_LIMITS.fileBytesMax + 1));
    expect((await errorOf(readHospitalKeys(path))).code).toBe('node-file.malformed');
  });

  it.each<[string, (text: string) => string]>([
    ['cut short', (text) => text.slice(0, -20)],
    ['empty', () => ''],
    ['with a field of another name', (text) => text.replace('"duty"', '"dutY"')],
    ['with one field more', (text) => text.replace('{\n', '{\n  "more": 1,\n')],
    ['with a field twice', (text) => text.replace('{\n', '{\n  "version": 1,\n')],
    ['of a later version', (text) => text.replace('"version": 1', '"version": 2')],
    [
      'with a key in capitals',
      (text) => text.replace(/"account": "(\w+)"/, (_, hex: string) => `"account": "${hex.toUpperCase()}"`),
    ],
    ['with a short key', (text) => text.replace(/"account": "\w\w/, '"account": "')],
    ['with other spacing', (text) => text.replaceAll('  ', ' ')],
  ])('are refused %s, and the refusal says nothing of a key', async (_, change) => {
    const path = await keysFile();
    await writeFile(path, change(await readFile(path, 'utf8')));
    const error = await errorOf(readHospitalKeys(path));
    expect(error.code).toBe('node-file.malformed');
    expectSilent(error);
  });

  it.each<[string, unknown]>([
    ['a port that is none', { ...config, api: { ...config.api, port: 70_000 } }],
    ['an unknown level', { ...config, logLevel: 'verbose' }],
    ['no address to listen on', { ...config, listen: [] }],
    ['a hospital that is no id', { ...config, peers: [{ hospital: 'x', addresses: ['/ip4/1.2.3.4/tcp/1'] }] }],
  ])('of the node are refused with %s', async (_, value) => {
    const path = join(await temporaryFolder(), 'node.json');
    await writeNodeConfig(path, value as NodeConfig);
    expect((await errorOf(readNodeConfig(path))).code).toBe('node-file.malformed');
  });

  it('are made with fresh keys each time', () => {
    const [a, b] = [generateHospitalKeys(), generateHospitalKeys()];
    const all = [a, b].flatMap((each) => Object.values(each).map(toHex));
    expect(new Set(all).size).toBe(8);
  });
});
