/**
 * The links to the pages, and the switch between dark and light. A column beside the page, a scrolling bar on phones.
 * Every link says whether it is current: Fresh marks those that don't as soon as their address begins the page's.
 * @module
 */
import type { JSX } from "preact";
import ThemeSwitch from "../islands/ThemeSwitch.tsx";
import { Icon, type IconName } from "./Icon.tsx";

const PAGES: readonly { readonly href: string; readonly label: string; readonly icon: IconName }[] = [
  { href: "/", label: "Overview", icon: "overview" },
  { href: "/forecast", label: "Forecast", icon: "forecast" },
  { href: "/lab", label: "Lab", icon: "lab" },
  { href: "/backtest", label: "Backtest", icon: "backtest" },
  { href: "/compare", label: "Compare", icon: "compare" },
  { href: "/searches", label: "Searches", icon: "searches" },
  { href: "/studies", label: "Studies", icon: "studies" },
  { href: "/methods", label: "Methods", icon: "methods" },
  { href: "/data", label: "Data", icon: "data" },
  { href: "/online", label: "Online", icon: "online" },
  { href: "/engine", label: "Engine", icon: "engine" },
];

/** Whether a link's page holds the address; the pages of single runs belong to the overview. */
function isCurrent(href: string, path: string): boolean {
  if (href === "/") return path === "/" || path.startsWith("/runs");
  return path === href || path.startsWith(`${href}/`);
}

/** The navigation. */
export function Navigation({ path }: { readonly path: string }): JSX.Element {
  return (
    <header class="sidebar">
      <a class="brand" href="/" aria-current={false} aria-label="adaptrade, overview">
        <Icon name="mark" />
        <span>adaptrade</span>
      </a>
      <nav aria-label="Pages">
        <ul class="nav-list">
          {PAGES.map(({ href, label, icon }) => (
            <li key={href}>
              <a
                class={isCurrent(href, path) ? "nav-link current" : "nav-link"}
                href={href}
                aria-current={isCurrent(href, path) ? "page" : false}
              >
                <Icon name={icon} />
                <span>{label}</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <ThemeSwitch />
    </header>
  );
}
