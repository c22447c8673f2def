//! Reads the endpoints. A workload file is the SQL that the server runs for one request, and says in its first comments
//! what the endpoint is called and which path asks for it.

use std::fs;
use std::path::Path;

use super::target::{NAMES, Target};
use crate::BenchError;

/// One endpoint and the statements behind it.
pub(super) struct Endpoint {
    pub(super) name: String,
    path: String,
    script: String,
}

/// Reads all endpoints of a folder in the order of their file names.
pub(super) fn read(folder: &Path, only: Option<&str>) -> Result<Vec<Endpoint>, BenchError> {
    let failed = || BenchError::io(folder.display().to_string());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed())? {
        let path = entry.map_err(failed())?.path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            files.push(path);
        }
    }
    files.sort();
    let mut endpoints = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(BenchError::io(file.display().to_string()))?;
        let endpoint = parse(&text).map_err(|fault| BenchError::Refused(format!("{}: {fault}", file.display())))?;
        if only.is_none_or(|wanted| endpoint.name.contains(wanted)) {
            endpoints.push(endpoint);
        }
    }
    if endpoints.is_empty() {
        return Err(BenchError::Refused(format!("no endpoint in {}", folder.display())));
    }
    Ok(endpoints)
}

fn parse(text: &str) -> Result<Endpoint, String> {
    let said = |key: &str| {
        let found = text.lines().find_map(|line| line.strip_prefix(&format!("-- {key}: ")));
        found
            .map(|value| value.trim().to_owned())
            .ok_or_else(|| format!("a line \"-- {key}: …\" is missing"))
    };
    // pgbench reads comments, but would find variables in them.
    let script: String = text
        .lines()
        .filter(|line| !line.starts_with("--"))
        .map(|line| format!("{line}\n"))
        .collect();
    let endpoint = Endpoint {
        name: said("name")?,
        path: said("path")?,
        script,
    };
    for template in [&endpoint.path, &endpoint.script] {
        check_names(template)?;
    }
    Ok(endpoint)
}

/// Refuses a name in braces that stands for nothing. Braces around anything but a word are SQL's own.
fn check_names(template: &str) -> Result<(), String> {
    for part in template.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        let is_word = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if is_word && !NAMES.contains(&name) {
            return Err(format!("{{{name}}} is none of {}", NAMES.join(", ")));
        }
    }
    Ok(())
}

impl Endpoint {
    /// The path of each target.
    pub(super) fn paths(&self, targets: &[Target]) -> Result<Vec<String>, BenchError> {
        if !self.path.starts_with('/') || self.path.contains(char::is_whitespace) {
            return Err(BenchError::Refused(format!("{:?} is no path", self.path)));
        }
        Ok(targets.iter().map(|target| target.fill_path(&self.path)).collect())
    }

    /// The script of each target.
    pub(super) fn scripts(&self, targets: &[Target]) -> Result<Vec<String>, BenchError> {
        if self.script.trim().is_empty() {
            return Err(BenchError::Refused(format!("{} has no statements", self.name)));
        }
        Ok(targets.iter().map(|target| target.fill_script(&self.script)).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_files_in_the_project_can_be_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("workload");
        assert!(!super::read(&folder, None).expect("readable").is_empty());
    }

    #[test]
    fn a_name_that_stands_for_nothing_is_refused() {
        assert!(super::parse("-- name: x\n-- path: /x/{cleint}\nselect 1;\n").is_err());
        assert!(super::parse("-- name: x\nselect 1;\n").is_err());
        assert!(super::parse("-- name: x\n-- path: /x/{client}\nselect '{}'::text[];\n").is_ok());
    }
}
