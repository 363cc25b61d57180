// The few things that the views need of the document. All text goes in as text, never as markup.

type Child = Node | string | null | false;
type Attributes = Readonly<Record<string, string | number | boolean | null>>;

/** The element of that id, which stands in index.html. */
export function byId<T extends HTMLElement>(id: string, kind: abstract new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} #${id}`);
  return found;
}

/** A new element; `false` and `null` leave an attribute or a child out. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, String(value));
  }
  fill(element, ...children);
  return element;
}

/** Replace what stands in an element. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...children.filter((child): child is Node | string => child !== null && child !== false));
}

/** Set a text only where it changes: a live region would be read again. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Tell a screen reader, politely; the same words twice are told twice. */
export function say(text: string): void {
  const region = byId("said", HTMLElement);
  region.textContent = "";
  setTimeout(() => { region.textContent = text; }, 50);
}

/** Hand a file to the person's downloads. */
export function saveFile(file: File): void {
  const url = URL.createObjectURL(file);
  make("a", { href: url, download: file.name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Copy a text, and say on the button whether it went. */
export async function copyFrom(button: HTMLButtonElement, text: string): Promise<void> {
  const label = button.dataset["label"] ??= button.textContent ?? "";
  let told = "Copied";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    told = "Not allowed here";
  }
  button.textContent = told;
  say(told);
  setTimeout(() => { button.textContent = label; }, 2000);
}
