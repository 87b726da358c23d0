/** Short texts of an entity, each apart from its neighbours also in its direction. */
export function Tags({ tags }: { readonly tags: readonly string[] }): React.JSX.Element {
  return (
    <span className="tags">
      {tags.map((tag) => (
        <bdi key={tag} className="tag">
          {tag}
        </bdi>
      ))}
    </span>
  );
}
