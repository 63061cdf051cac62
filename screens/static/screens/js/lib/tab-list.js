/** Tabs as the ARIA practices want them: arrows move, one pane is shown. */

/** @param {HTMLElement} list with role=tab inside @param {(id: string) => void} onOpen */
export function tabList(list, onOpen) {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  function open(id, focus = false) {
    for (const tab of tabs) {
      const on = tab.id === id;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !on;
      if (on && focus) tab.focus();
    }
    onOpen(id);
  }
  for (const tab of tabs) tab.addEventListener("click", () => open(tab.id));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[event.key];
    if (step) open(tabs[(tabs.indexOf(document.activeElement) + step) % tabs.length].id, true);
  });
  return open;
}
