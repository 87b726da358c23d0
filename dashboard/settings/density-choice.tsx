import { useSyncExternalStore } from 'react';
import { Choice } from './choice.tsx';
import { onPreferences, preferences, setPreferences } from './preferences.ts';

/** How high the rows of all lists are; it stays in this browser. */
export function DensityChoice(): React.JSX.Element {
  const { density } = useSyncExternalStore(onPreferences, preferences);
  return (
    <Choice
      legend="Density"
      values={['compact', 'normal', 'roomy']}
      value={density}
      choose={(value) => setPreferences({ density: value })}
    />
  );
}
