import type { TreeNode, TreeReader, TreeUpdate } from './types.ts';

/**
 * The nodes that a block wrote, over the tree below. All are of one version, and no node below is. Most blocks are final before anybody reads
 * this: the index is made on the first read.
 */
export function treeOver(below: () => TreeReader, { written }: TreeUpdate): TreeReader {
  const version = written[0]?.key.version;
  let nodes: ReadonlyMap<string, TreeNode> | undefined;
  return {
    node: (key) => {
      if (key.version !== version) return below().node(key);
      nodes ??= new Map(written.map(({ key: { path }, node }) => [path, node] as const));
      return nodes.get(key.path);
    },
  };
}
