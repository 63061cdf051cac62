/** Tabs: one panel at a time, arrow keys between them. */

/**
 * @param {HTMLElement} list role tablist; every tab names its panel in aria-controls
 * @param {(name: string) => void} onShow gets data-tab of the tab shown
 * @returns {(name: string) => void} shows one
 */
export function tabs(list, onShow) {
  const own = [...list.querySelectorAll("[role=tab]")];
  function show(name) {
    const panel = own.find((tab) => tab.dataset.tab === name).getAttribute("aria-controls"); // several tabs may share one
    for (const tab of own) {
      const chosen = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = tab.getAttribute("aria-controls") !== panel;
    }
    onShow(name);
  }
  own.forEach((tab, i) => {
    tab.addEventListener("click", () => show(tab.dataset.tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = own[(i + step + own.length) % own.length];
      show(next.dataset.tab);
      next.focus();
    });
  });
  return show;
}
