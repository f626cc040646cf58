interface SortHeadingProps<Key extends string> {
  column: Key;
  label: string;
  sort: Key;
  reversed: boolean;
  onSort: (column: Key) => void;
}

/** What stands in a table's head: the column's name, and a click sorts by it. */
export function SortHeading<Key extends string>(props: SortHeadingProps<Key>) {
  const isChosen = () => props.sort === props.column;
  return (
    <button
      type="button"
      class="-mx-1.5 h-7 min-w-7 rounded-sm px-1.5 hover:text-ink"
      classList={{ "text-ink font-medium": isChosen() }}
      onClick={() => props.onSort(props.column)}
    >
      {props.label}
      <span aria-hidden="true">{isChosen() ? (props.reversed ? " ↓" : " ↑") : ""}</span>
    </button>
  );
}

/** For `aria-sort` of the cell around it. */
export function sortedHow<Key extends string>(
  column: Key,
  { sort, reversed }: { sort: Key; reversed: boolean },
): "ascending" | "descending" | undefined {
  if (sort !== column) return undefined;
  return reversed ? "descending" : "ascending";
}
