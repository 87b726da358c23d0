import { type FocusEvent, useEffect, useMemo } from 'react';

export interface StillHandlers {
  readonly onFocus: () => void;
  readonly onBlur: (event: FocusEvent<HTMLElement>) => void;
  readonly onPointerMove: () => void;
  readonly onPointerLeave: () => void;
  readonly onWheel: () => void;
}

/** Somebody who pointed or scrolled is still looking there for so long. */
const restMs = 1000;

/** Holds the order of a list while somebody is in it: with the focus, or with the pointer or wheel in the last second. */
export function useStill(hold: (isHeld: boolean) => void): StillHandlers {
  const { handlers, stop } = useMemo(() => stillness(hold), [hold]);
  useEffect(() => stop, [stop]);
  return handlers;
}

function stillness(hold: (isHeld: boolean) => void): { readonly handlers: StillHandlers; readonly stop: () => void } {
  let hasFocus = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const rest = (): void => {
    timer = undefined;
    hold(hasFocus);
  };
  const touch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(rest, restMs);
    hold(true);
  };
  return {
    stop: () => clearTimeout(timer),
    handlers: {
      onFocus: () => {
        hasFocus = true;
        hold(true);
      },
      onBlur: ({ currentTarget, relatedTarget }) => {
        hasFocus = relatedTarget instanceof Node && currentTarget.contains(relatedTarget);
        if (timer === undefined) hold(hasFocus);
      },
      onPointerMove: touch,
      onPointerLeave: () => {
        clearTimeout(timer);
        rest();
      },
      onWheel: touch,
    },
  };
}
