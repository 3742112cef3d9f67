/**
 * The switch between dark and light. Without a choice the system's theme stands; the choice is kept in the browser.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../components/Icon.tsx";

type Theme = "dark" | "light";

function systemTheme(): Theme {
  return matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
}

/** The switch. */
export default function ThemeSwitch(): JSX.Element {
  const theme = useSignal<Theme>("dark");
  useEffect(() => {
    theme.value = (document.documentElement.dataset.theme as Theme | undefined) ?? systemTheme();
  }, []);
  const other = theme.value === "dark" ? "light" : "dark";
  const change = () => {
    theme.value = other;
    document.documentElement.dataset.theme = other;
    dispatchEvent(new CustomEvent("themechange"));
    try {
      localStorage.setItem("theme", other);
    } catch {
      // Storage may be refused: the choice then lasts for this page.
    }
  };
  return (
    <button type="button" class="theme-switch" aria-label={`Switch to the ${other} theme`} onClick={change}>
      <Icon name="sun" />
      <span>Theme</span>
    </button>
  );
}
