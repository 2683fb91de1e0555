import type { NodeEvent, NodeService } from './service.ts';

/** Subscribes for good: where the node drops a slow listener, again. `null` says that events were lost in between. */
export function follow(service: NodeService, listener: (event: NodeEvent | null) => void): () => void {
  let ended = false;
  let unsubscribe = (): void => {};
  const subscribe = (): void => {
    unsubscribe = service.subscribe((event) => {
      if (ended) return;
      if (event === undefined) subscribe();
      listener(event ?? null);
    });
  };
  subscribe();
  return () => {
    ended = true;
    unsubscribe();
  };
}
