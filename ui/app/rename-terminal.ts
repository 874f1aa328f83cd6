/** Gives the active terminal a name of the person's own. */
import { titleOf } from "../state/badges.ts";
import type { App } from "./app.ts";
import { messageOf } from "./settings-store.ts";

/** An empty name gives the title back to the program. */
export async function renameTerminal(app: App): Promise<void> {
  const id = app.dock()?.activeSession();
  const session = id === undefined ? undefined : app.sessions.byId(id);
  if (session === undefined) return;
  const { value, text } = await app.dialog.ask({
    title: "Rename terminal",
    lines: [`Shows "${titleOf(session)}" now. Empty: what the program says.`],
    field: { label: "Name", value: session.name },
    buttons: [
      { value: "cancel", label: "Cancel" },
      { value: "rename", label: "Rename", isDefault: true },
    ],
  });
  if (value !== "rename") return;
  try {
    await app.sessions.rename(session.id, text.trim());
  } catch (error) {
    app.toasts.show({
      tag: "rename",
      level: "error",
      title: "The name was not changed.",
      text: messageOf(error),
    });
  }
}
