/** The stream of one tab, where tabs cannot share one. Off the page, so that no page carries what only a stream needs. */
import { type FromStream, slugOfWorker } from "./live-protocol.ts";
import { openStream } from "./live-stream.ts";

interface OwnScope {
  name: string;
  postMessage: (message: FromStream) => void;
  onmessage: () => void;
}

const scope = globalThis as unknown as OwnScope;
const stream = openStream(slugOfWorker(scope.name), (message) => scope.postMessage(message));
/* Whatever the tab says means: try now. Closed it is with the worker itself. */
scope.onmessage = () => stream.retry();
