import { useEffect, useRef } from 'react';
import { preferences } from '../settings/preferences.ts';

export interface KeyCommands {
  readonly openMenu: () => void;
  readonly openSheet: () => void;
  /** The letter after `g`. */
  readonly goTo: (letter: string) => void;
}

/** A second key of a sequence counts for so long. */
const sequenceMs = 1500;

/** True where letters are text, or belong to a widget of their own. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest('dialog') !== null
  );
}

/** Keys of the whole page. Single letters never act in fields, while an input method composes, or when they are switched off. */
export function useKeys(commands: KeyCommands): void {
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  useEffect(() => {
    let goSinceMs = Number.NEGATIVE_INFINITY;
    const onKey = (event: KeyboardEvent): void => {
      if (event.isComposing) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        return latest.current.openMenu();
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !preferences().letterKeys) return;
      const isSecond = performance.now() - goSinceMs < sequenceMs;
      goSinceMs = Number.NEGATIVE_INFINITY;
      if (isSecond) return latest.current.goTo(event.key);
      if (event.key === 'g') goSinceMs = performance.now();
      else if (event.key === '?') latest.current.openSheet();
      else if (event.key === '/') {
        const field = document.querySelector<HTMLInputElement>('[data-query]');
        if (field === null) return;
        event.preventDefault();
        field.focus();
        field.select();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
