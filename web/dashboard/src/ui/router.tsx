// Where the browser is, and links that go elsewhere without loading the page anew.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { pathOf, routeOf, type Route } from '../state/routes.ts';

const NAVIGATED = 'dashboard:navigated';

export function navigate(route: Route, { replace = false } = {}): void {
  const path = pathOf(route);
  if (replace) history.replaceState(null, '', path);
  else if (path !== location.pathname) history.pushState(null, '', path);
  window.dispatchEvent(new Event(NAVIGATED));
}

export function useRoute(): Route {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const onPop = (): void => setPath(location.pathname);
    const onNavigated = (): void => {
      setPath(location.pathname);
      // Keyboards and screen readers go on at the new page's begin.
      requestAnimationFrame(() => {
        window.scrollTo(0, 0);
        document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
      });
    };
    onPop(); // a page below may have navigated before this listened
    window.addEventListener('popstate', onPop);
    window.addEventListener(NAVIGATED, onNavigated);
    return () => {
      window.removeEventListener('popstate', onPop);
      window.removeEventListener(NAVIGATED, onNavigated);
    };
  }, []);
  return routeOf(path);
}

interface LinkProps {
  to: Route;
  class?: string;
  isCurrent?: boolean | undefined;
  children: ComponentChildren;
}

export function Link({ to, isCurrent, children, ...rest }: LinkProps) {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return <a href={pathOf(to)} onClick={follow} aria-current={isCurrent ? 'page' : undefined} {...rest}>{children}</a>;
}
