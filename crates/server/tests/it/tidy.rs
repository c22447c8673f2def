//! Words and shape: what reviewers would otherwise say again and again.

use std::fmt::Write;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !matches!(name.as_str(), "target" | "node_modules" | "vendor" | ".git" | "data") {
                files(&path, ending, found);
            }
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
}

fn all(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    files(&root().join(folder), ending, &mut found);
    found.sort();
    assert!(!found.is_empty(), "{folder}/**{ending}");
    found
        .into_iter()
        .map(|path| {
            (
                path.strip_prefix(root()).unwrap().to_owned(),
                std::fs::read_to_string(&path).unwrap(),
            )
        })
        .collect()
}

/// Every file says what it is for, stays within some 600 lines, and leaves nothing open.
#[test]
fn files_open_with_their_purpose_and_leave_nothing_open() {
    let mut wrong = String::new();
    for (path, text) in all("crates", ".rs") {
        let place = path.display();
        if !text.starts_with("//!") {
            writeln!(wrong, "{place}: does not open with //! and its purpose").unwrap();
        }
        if text.lines().count() > 640 {
            writeln!(wrong, "{place}: {} lines; split it by meaning", text.lines().count()).unwrap();
        }
        for word in [
            concat!("TO", "DO"),
            concat!("FIX", "ME"),
            concat!("unimplemented", "!("),
            concat!("todo", "!("),
        ] {
            if text.contains(word) {
                writeln!(wrong, "{place}: says {word}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// SQL stands in stores, in the platform and in the front door, and is never put together from parts.
#[test]
fn sql_stands_in_stores() {
    let mut wrong = String::new();
    for (path, text) in all("crates", ".rs") {
        let place = path.display().to_string();
        let is_page = place.ends_with("pages.rs")
            || place.contains("/pages/")
            || place.ends_with("api.rs") && !place.contains("/web/");
        if is_page && text.contains("platform::statement!") {
            writeln!(wrong, "{place}: SQL in a page or API file").unwrap();
        }
        let built = text.lines().filter(|line| {
            line.contains("format!(\"select ")
                || line.contains("format!(\"update ")
                || line.contains("format!(\"delete ")
        });
        if !place.contains("/tests/") && !place.contains("testkit") && built.count() > 0 {
            writeln!(wrong, "{place}: SQL put together by format!").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Pages carry neither inline styles nor inline scripts: the policy forbids them.
#[test]
fn iam_61_markup_has_no_inline_style_or_script() {
    for (path, text) in all("crates", ".rs") {
        let place = path.display().to_string();
        if !place.contains("/tests/") && !place.starts_with("crates/ui/src/assets") {
            let inline = text.lines().any(|line| {
                let is_assertion = line.contains("contains(");
                !is_assertion && (line.contains(" style=\"") || line.contains(" style=("))
            });
            assert!(!inline, "{place}: inline style");
            assert!(!text.contains(" onclick="), "{place}: inline script");
        }
    }
}

/// The house: a crate imports only from floors below it (ARCHITECTURE.md).
#[test]
fn crates_import_downwards_only() {
    const FLOORS: &[&[&str]] = &[
        &["kernel", "fhir", "print", "embedded"],
        &["platform"],
        &["ui", "documents"],
        &["identity"],
        &["clients"],
        &["scheduling"],
        &["clinical"],
        &["interop"],
        &["server"],
    ];
    let floor = |name: &str| FLOORS.iter().position(|floor| floor.contains(&name));
    for (path, text) in all("crates", "Cargo.toml") {
        let name = path
            .components()
            .nth(1)
            .unwrap()
            .as_os_str()
            .to_string_lossy()
            .into_owned();
        let (dependencies, _) = text.split_once("[dev-dependencies]").unwrap_or((&text, ""));
        let Some(here) = floor(&name) else {
            assert_eq!(
                name, "testkit",
                "crates/{name} has no floor in this test and in ARCHITECTURE.md"
            );
            continue;
        };
        for line in dependencies.lines() {
            let used = line.split(['.', ' ']).next().unwrap_or_default();
            if let Some(below) = floor(used) {
                assert!(
                    used == name || below < here || (below == here && name == "platform"),
                    "{name} imports {used}, which is not below it"
                );
            }
        }
    }
}

/// Every path that ARCHITECTURE.md and the README name exists.
#[test]
fn named_paths_exist() {
    for document in ["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root().join(document)).unwrap();
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_path = quoted.contains('/')
                && !quoted.contains([' ', '\n', '{', '*', ':', '<'])
                && !quoted.starts_with('/')
                && !quoted.starts_with('~')
                && quoted != "./data"
                && !quoted.starts_with("http");
            if is_path {
                let path = quoted.trim_start_matches("./").trim_end_matches('/');
                assert!(
                    root().join(path).exists(),
                    "{document} names {quoted}, which does not exist"
                );
            }
        }
    }
}
