/** A text of a description, in which names stand between backticks. */
export function About({ text }: { readonly text: string }): React.JSX.Element {
  const parts = text.split('`');
  return (
    <>
      {parts.map((part, index) =>
        // each second part is between two of them
        index % 2 === 1 && index < parts.length - 1 ? <code key={index}>{part}</code> : part,
      )}
    </>
  );
}
