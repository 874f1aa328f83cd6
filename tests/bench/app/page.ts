/** Function bodies that run in a page and give wall clock times, milliseconds. */

/** When the page's module script had run. */
export const SCRIPT_RAN_AT = `
  const [load] = performance.getEntriesByType("navigation");
  return performance.timeOrigin + load.domContentLoadedEventStart;`;

/** When a shell's prompt is drawn for the first time. */
export const PROMPT_AT = `
  return new Promise((done) => {
    const look = () => {
      const screens = [...document.querySelectorAll(".xterm-rows")];
      if (!screens.some((rows) => rows.textContent.includes("$"))) return false;
      done(performance.timeOrigin + performance.now());
      return true;
    };
    if (look()) return;
    const observer = new MutationObserver(() => look() && observer.disconnect());
    observer.observe(document, { subtree: true, childList: true, characterData: true });
  });`;
