// Brings the current page's link into view where the navigation is a bar that scrolls.
document.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });
