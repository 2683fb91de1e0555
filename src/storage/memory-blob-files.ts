import { concat } from '../base/bytes.ts';
import type { BlobFiles } from './blob-files.ts';

/** Blob files in memory, for tests and simulators. `image` is the disk: another opening of it finds what was kept. */
export function memoryBlobFiles(image: Map<string, Uint8Array> = new Map()): BlobFiles {
  return {
    async begin() {
      const parts: Uint8Array[] = [];
      return {
        write: async (bytes) => void parts.push(bytes.slice()),
        keep: async (name) => void image.set(name, concat(...parts)),
        drop: async () => {},
      };
    },
    async open(name) {
      const content = image.get(name);
      if (content === undefined) return undefined;
      let at = 0;
      return {
        async next(bytesMax) {
          const bytes = content.slice(at, at + bytesMax);
          at += bytes.length;
          return bytes;
        },
        close: async () => {},
      };
    },
    remove: async (name) => void image.delete(name),
    async sweep(isNamed) {
      for (const name of image.keys()) if (!(await isNamed(name))) image.delete(name);
    },
  };
}
