import { Modal } from '../ui/modal.tsx';
import { screens } from './screens.ts';

const keys = [
  ['Ctrl K', 'commands and search'],
  ['/', 'query field'],
  ['j, k, arrows', 'move in a list'],
  ['Enter', 'open'],
  ['x', 'select'],
  ['a', 'approve'],
  ['r', 'reject'],
  ['e', 'edit'],
  ['Ctrl Enter', 'save'],
  ['z', 'undo'],
  ['[, ]', 'an event back, forward'],
  ['Esc', 'back out'],
  ['?', 'this list'],
] as const;

export function ShortcutSheet({ close }: { readonly close: () => void }): React.JSX.Element {
  return (
    <Modal label="Keys" close={close}>
      <h2>Keys</h2>
      <dl className="keys">
        {[...keys, ...screens.map(({ key, name }) => [`g ${key}`, name] as const)].map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p className="hint">Single letters can be switched off in the settings.</p>
      <button type="button" onClick={close}>
        Close
      </button>
    </Modal>
  );
}
