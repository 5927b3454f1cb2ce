// Short news of what was done, told to screen readers too; it goes by itself.
import { useEffect, useState } from 'preact/hooks';

const EVENT = 'dashboard:toast';
const SHOWN_MS = 5000;

export const toast = (text: string): void => { window.dispatchEvent(new CustomEvent(EVENT, { detail: text })); };

export function Toasts() {
  const [news, setNews] = useState<{ text: string; turn: number }>({ text: '', turn: 0 });
  useEffect(() => {
    const onToast = (event: Event): void =>
      setNews(({ turn }) => ({ text: (event as CustomEvent<string>).detail, turn: turn + 1 }));
    window.addEventListener(EVENT, onToast);
    return () => window.removeEventListener(EVENT, onToast);
  }, []);
  useEffect(() => {
    if (!news.text) return undefined;
    const timer = setTimeout(() => setNews(({ turn }) => ({ text: '', turn })), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [news.turn]);
  return <div class="toasts" role="status">{news.text && <p class="toast" key={news.turn}>{news.text}</p>}</div>;
}
