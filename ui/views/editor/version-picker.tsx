/** The versions a side of a comparison can show: of the file itself, its commits, and other files. */
import { createMemo, createResource, createSignal, type JSX, onMount } from "solid-js";
import { Portal } from "solid-js/web";
import { type Commit, fileHistory, GitCode } from "../../../bus/contracts/git.ts";
import { isBusError } from "../../../bus/errors.ts";
import { type App, useApp } from "../../app/app.ts";
import { messageOf } from "../../app/settings-store.ts";
import { fuzzyFilter } from "../../state/fuzzy.ts";
import { absolutePath, pathWithin } from "../../state/paths.ts";
import { commitName, type Version } from "../../state/version-id.ts";
import { Marked, PickList } from "../palette/pick-list.tsx";

/** Files offered beside the versions. */
const FILES_MAX = 20;

interface Offer {
  readonly name: string;
  /** What is told behind it. */
  readonly says: string;
  readonly version: Version;
}

const OWN: readonly Offer[] = [
  { name: "Here", says: "with what is not saved", version: { is: "here" } },
  { name: "On disk", says: "", version: { is: "disk" } },
  { name: "Last commit", says: "", version: { is: "head" } },
  { name: "Staged", says: "", version: { is: "index" } },
];

export function VersionPicker(props: {
  path: string;
  label: string;
  onPick: (version: Version) => void;
  onClose: () => void;
}): JSX.Element {
  const app = useApp();
  const [query, setQuery] = createSignal("");
  const [known] = createResource(() => readKnown(app, props.path));
  const offers = createMemo(() => {
    const { workspace = "", commits = [] } = known() ?? {};
    const versions = fuzzyFilter(query(), [...OWN, ...commits.map(offerOf)], ({ name }) => name);
    app.fileIndex.version();
    const files = app.fileIndex
      .find(query(), FILES_MAX)
      .map(({ path }) => fileOffer(path, workspace));
    return [
      ...versions,
      ...files
        .filter(({ version }) => version.is === "file" && version.path !== props.path)
        .map((item) => ({ item, at: [] })),
    ];
  });
  onMount(() => void app.fileIndex.walk());
  return (
    <Portal>
      <PickList
        name="version"
        label="Versions"
        inputLabel={props.label}
        placeholder={`${props.label}: a version, a commit or a file`}
        maxLength={200}
        items={offers()}
        empty={known.loading ? "Asking git" : "No version, commit or file matches."}
        onText={setQuery}
        onPick={(found) => {
          if (found !== undefined) props.onPick(found.item.version);
          props.onClose();
        }}
        onClose={props.onClose}
      >
        {({ item, at }) => (
          <>
            <span class="palette-title">
              <Marked text={item.name} hits={at} />
            </span>
            <span class="palette-note">{item.says}</span>
          </>
        )}
      </PickList>
    </Portal>
  );
}

interface Known {
  readonly workspace: string;
  readonly commits: readonly Commit[];
}

/** No commits where git has none to tell, or none of this file: then the rest is offered. */
async function readKnown(app: App, path: string): Promise<Known> {
  const { workspace } = await app.editors.places();
  const inside = pathWithin(path, workspace);
  if (inside === undefined) return { workspace, commits: [] };
  try {
    const { commits } = await app.connection.request(fileHistory, { path: inside });
    return { workspace, commits };
  } catch (error) {
    if (!isBusError(error, GitCode.noRepository)) tellNoCommits(app, error);
    return { workspace, commits: [] };
  }
}

function tellNoCommits(app: App, error: unknown): void {
  app.toasts.show({
    tag: "history",
    level: "info",
    title: "No commits are offered.",
    text: messageOf(error),
  });
}

function offerOf(commit: Commit): Offer {
  const when = new Date(commit.atMs).toLocaleDateString("en-GB", { dateStyle: "medium" });
  const version: Version = { is: "commit", id: commit.id };
  return { name: commitName(commit), says: `${commit.author}, ${when}`, version };
}

function fileOffer(path: string, workspace: string): Offer {
  const whole = absolutePath(path, { folder: workspace, home: "" });
  return { name: path, says: "a file, as it is on disk", version: { is: "file", path: whole } };
}
