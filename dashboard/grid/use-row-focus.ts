import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';
import { scrollTo } from './window.ts';

interface Scroll {
  readonly scrollPx: number;
  readonly heightPx: number;
  readonly widthPx: number;
}

export interface RowFocusOptions {
  readonly body: RefObject<HTMLDivElement | null>;
  readonly keys: readonly string[];
  readonly rowPx: number;
}

export interface RowFocus extends Scroll {
  /** The row that Tab reaches and keys act on. */
  readonly current: number;
  /** Moves the focus, and scrolls where it must. */
  readonly focusRow: (index: number) => void;
  /** The browser has moved the focus there. */
  readonly focused: (at: number) => void;
  readonly measure: () => void;
  /** Whether the focus is in the body. */
  readonly track: (isInside: boolean) => void;
}

/** Which row has the focus: it belongs to the row, not to its place, and goes to the successor of a row that goes. */
export function useRowFocus({ body, keys, rowPx }: RowFocusOptions): RowFocus {
  const [scroll, setScroll] = useState<Scroll>({ scrollPx: 0, heightPx: 600, widthPx: 1000 });
  const [held, setHeld] = useState<{ readonly key: string; readonly at: number }>();
  const hadFocus = useRef(false);
  const measure = useCallback(() => {
    const element = body.current;
    if (element === null) return;
    setScroll({ scrollPx: element.scrollTop, heightPx: element.clientHeight, widthPx: element.clientWidth });
  }, [body]);
  useLayoutEffect(() => {
    measure();
    const observer = new ResizeObserver(measure);
    if (body.current !== null) observer.observe(body.current);
    return () => observer.disconnect();
  }, [body, measure]);
  useLayoutEffect(() => {
    if (!hadFocus.current || document.activeElement !== document.body) return;
    body.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  });

  const last = keys.length - 1;
  const found = held === undefined ? 0 : keys.indexOf(held.key);
  const focused = (at: number): void => {
    const key = keys[at];
    if (key !== undefined) setHeld({ key, at });
  };
  return {
    ...scroll,
    current: Math.max(0, Math.min(last, found === -1 ? (held?.at ?? 0) : found)),
    focused,
    measure,
    track: (isInside) => (hadFocus.current = isInside),
    focusRow: (index) => {
      const at = Math.max(0, Math.min(last, index));
      const element = body.current;
      if (element === null || keys[at] === undefined) return;
      focused(at);
      const to = scrollTo(at, rowPx, element.scrollTop, element.clientHeight);
      if (to !== undefined) element.scrollTop = to;
      measure();
      requestAnimationFrame(() => element.querySelector<HTMLElement>(`[aria-rowindex="${at + 2}"]`)?.focus());
    },
  };
}
