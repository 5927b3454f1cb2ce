// What the DOM types do not know yet.
interface Document {
  readonly prerendering?: boolean;
}
