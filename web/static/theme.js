// Sets the chosen theme before the first paint; without a choice the system's stands. The switch is islands/ThemeSwitch.tsx.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be refused: the system's theme stands.
}
