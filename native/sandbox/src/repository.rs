//! Where the repository of a workspace lies, as far as it is not inside: in a folder above, or, for a linked work tree
//! or a module of another repository, where the file `.git` points. A pointer is followed only when the other side
//! confirms it: the workspace may be anybody's.

use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const DOT_GIT: &str = ".git";
/// Files of a work tree that say what git looks at.
const LISTS: [&str; 2] = [".gitignore", ".gitattributes"];
/// Folders looked at on the way up.
const FOLDERS_MAX: usize = 64;
const POINTER_BYTES_MAX: u64 = 4096;

/// Folders of git and its lists that a read of the repository needs beside the workspace.
pub(crate) fn outside(workspace: &Path) -> Vec<PathBuf> {
    let Ok(workspace) = workspace.canonicalize() else { return Vec::new() };
    let mut lists = Vec::new();
    for folder in workspace.ancestors().take(FOLDERS_MAX) {
        let is_inside = folder == workspace;
        if !is_inside {
            lists.extend(LISTS.map(|name| folder.join(name)));
        }
        let dot_git = folder.join(DOT_GIT);
        let Ok(facts) = dot_git.symlink_metadata() else { continue };
        let mut places = match is_inside {
            true => Vec::new(),
            // One that somebody else has put above the workspace is none of ours.
            false if !is_ours(facts.uid()) => return Vec::new(),
            false => vec![dot_git.clone()],
        };
        if facts.is_file() {
            places.extend(pointed_to(&dot_git, &workspace));
        }
        places.extend(lists);
        return places;
    }
    Vec::new()
}

fn is_ours(owner: u32) -> bool {
    owner == 0 || owner == rustix::process::geteuid().as_raw()
}

/// Git's folder that the file `.git` names, and the one it shares with other work trees.
fn pointed_to(dot_git: &Path, workspace: &Path) -> Vec<PathBuf> {
    let text = line(dot_git).unwrap_or_default();
    let Some(target) = text.strip_prefix("gitdir: ") else { return Vec::new() };
    let Some(target) = dot_git.parent().and_then(|base| base.join(target).canonicalize().ok())
    else {
        return Vec::new();
    };
    if is_module_of_above(&target, workspace) {
        return vec![target];
    }
    let points_back = line(&target.join("gitdir"))
        .and_then(|back| target.join(back).canonicalize().ok())
        .is_some_and(|back| Some(back) == dot_git.canonicalize().ok());
    let shared = line(&target.join("commondir"))
        .and_then(|shared| target.join(shared).canonicalize().ok())
        .filter(|shared| target.parent() == Some(&shared.join("worktrees")));
    match shared {
        Some(shared) if points_back => vec![target, shared],
        _ => Vec::new(),
    }
}

/// Git keeps modules in the folder of the repository around them.
fn is_module_of_above(target: &Path, workspace: &Path) -> bool {
    let mut above = workspace.ancestors().take(FOLDERS_MAX).map(|folder| folder.join(DOT_GIT));
    above.any(|git| git.is_dir() && target.starts_with(git.join("modules")))
}

/// The one line of a small file.
fn line(path: &Path) -> Option<String> {
    if !path.symlink_metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(POINTER_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    let text = std::ffi::OsStr::from_bytes(&bytes).to_str()?;
    Some(text.trim_end_matches(['\n', '\r']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scene(PathBuf);

    impl Scene {
        fn new(name: &str) -> Self {
            let folder = format!("bulkhead-repository-{name}-{}", std::process::id());
            let path = std::env::temp_dir().join(folder);
            std::fs::create_dir_all(&path).unwrap();
            Self(path.canonicalize().unwrap())
        }

        fn folder(&self, name: &str) -> PathBuf {
            let path = self.0.join(name);
            std::fs::create_dir_all(&path).unwrap();
            path
        }

        fn file(&self, name: &str, text: &str) -> PathBuf {
            let path = self.0.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        }
    }

    impl Drop for Scene {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn a_repository_inside_needs_nothing_and_one_above_its_folder_and_lists() {
        let scene = Scene::new("above");
        let workspace = scene.folder("all/packages/one");
        scene.folder("all/.git");
        let all = scene.0.join("all");
        let places = outside(&workspace);
        assert!(places.contains(&all.join(".git")) && places.contains(&all.join(".gitignore")));
        assert!(!places.contains(&all));
        scene.folder("all/packages/one/.git");
        assert_eq!(outside(&workspace), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_linked_work_tree_reaches_what_points_back_and_nothing_else() {
        let scene = Scene::new("linked");
        let workspace = scene.folder("tree");
        let own = scene.folder("main/.git/worktrees/tree");
        let dot_git = scene.file("tree/.git", &format!("gitdir: {}\n", own.display()));
        assert_eq!(outside(&workspace), Vec::<PathBuf>::new());
        scene.file("main/.git/worktrees/tree/gitdir", &format!("{}\n", dot_git.display()));
        scene.file("main/.git/worktrees/tree/commondir", "../..\n");
        assert_eq!(outside(&workspace), [own, scene.0.join("main/.git")]);
        scene.file("main/.git/worktrees/tree/commondir", "../../..\n");
        assert_eq!(outside(&workspace), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_pointer_to_a_folder_of_secrets_is_not_followed() {
        let scene = Scene::new("hostile");
        let workspace = scene.folder("ws");
        let secrets = scene.folder("home/.ssh");
        scene.file("ws/.git", &format!("gitdir: {}\n", secrets.display()));
        assert_eq!(outside(&workspace), Vec::<PathBuf>::new());
        let module = scene.folder("home/.git/modules/x");
        scene.file("ws/.git", &format!("gitdir: {}\n", module.display()));
        assert_eq!(outside(&workspace), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_module_reaches_its_folder_in_the_repository_around_it() {
        let scene = Scene::new("module");
        let workspace = scene.folder("all/lib");
        let module = scene.folder("all/.git/modules/lib");
        scene.file("all/lib/.git", "gitdir: ../.git/modules/lib\n");
        assert_eq!(outside(&workspace), [module]);
    }
}
