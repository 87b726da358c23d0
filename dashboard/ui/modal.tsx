import { type ReactNode, useLayoutEffect, useRef } from 'react';

export interface ModalProps {
  readonly label: string;
  readonly close: () => void;
  readonly children: ReactNode;
}

/** A dialog of the browser itself: it keeps the focus, closes with Escape and gives the focus back. */
export function Modal({ label, close, children }: ModalProps): React.JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  // closed while it is still in the document: later the browser would give the focus to nobody
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) close();
      }}
    >
      <div className="modal">{children}</div>
    </dialog>
  );
}
