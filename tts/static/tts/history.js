/** On a phone the filters are folded up unless one is set: what people came for is the list. */
const filters = document.querySelector("details.history-more");

if (filters instanceof HTMLDetailsElement && !("active" in filters.dataset)) {
  filters.open = !matchMedia("(max-width: 767px)").matches;
}
