// The two ways to a gateway: a WebSocket, and an event stream where WebSockets are blocked. Event streams are
// read with fetch(), since an EventSource shows neither the server's comments nor its `retry:`, and comes
// back to the same host by itself, without back-off.

// What a connection tells, and may still tell after it was closed: that it is open; a message, or an empty one
// as a sign of life; that it ended, with what the server said of it, `retry=<ms>` when it wants us back.
type Tell = (text?: string) => void;

export interface Connection {
  // With a close code, which event streams have not.
  close(code: number): void;
  // Sends to the server; absent on event streams.
  send?(message: string): void;
}

export function openSocket(url: string, onOpen: Tell, onMessage: Tell, onEnd: Tell): Connection {
  const socket = new WebSocket(url.replace('http', 'ws'));
  socket.onopen = () => onOpen();
  socket.onmessage = ({ data }) => onMessage(data);
  socket.onclose = ({ reason }) => onEnd(reason);
  return socket;
}

export function openStream(url: string, onOpen: Tell, onMessage: Tell, onEnd: Tell): Connection {
  const life = new AbortController();
  let retry = '';

  async function read(): Promise<void> {
    const { ok, body } = await fetch(url, { headers: { accept: 'text/event-stream' }, signal: life.signal });
    if (!ok) return;
    onOpen();
    let rest = '';
    const lines = new WritableStream<string>({
      write(chunk) {
        onMessage('');
        rest = (rest + chunk).replace(/(\w*):? ?(.*)\n/g, takeLine);
      },
    });
    await body!.pipeThrough(new TextDecoderStream()).pipeTo(lines);
  }

  function takeLine(_line: string, field: string, text: string): string {
    if (field === 'retry') retry = 'retry=' + text;
    if (field === 'data') {
      // The hint of the opening is for a stream that ends by itself; that of a drain comes last.
      retry = '';
      // An error of the page's own formatter is not one of the connection.
      queueMicrotask(() => onMessage(text));
    }
    return '';
  }

  const end = () => onEnd(retry);
  read().then(end, end);
  return { close: () => life.abort() };
}
