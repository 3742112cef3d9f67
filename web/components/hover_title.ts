/**
 * Words that show where the pointer rests on a part of a drawing. Written as markup, not as an element: Fresh takes each `title`
 * element that is rendered for the document's.
 * @module
 */

/** Props that give an SVG element its title. */
export function hoverTitle(text: string): { readonly dangerouslySetInnerHTML: { readonly __html: string } } {
  const escaped = text.replace(/[&<>]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  return { dangerouslySetInnerHTML: { __html: `<title>${escaped}</title>` } };
}
