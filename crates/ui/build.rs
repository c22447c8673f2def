//! Lists every file under `assets/` so that the library can embed it. Knows nothing of what the files mean.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=assets");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?).join("assets");
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();

    let mut listing = String::from(
        "/// Every file under `assets/`: its path there, and its bytes.\npub(crate) const FILES: &[(&str, &[u8])] = &[\n",
    );
    for file in &files {
        let logical = file
            .strip_prefix(&root)
            .map_err(io::Error::other)?
            .to_string_lossy()
            .replace('\\', "/");
        let _ = writeln!(
            listing,
            "    ({logical:?}, include_bytes!({:?})),",
            file.to_string_lossy()
        );
    }
    listing.push_str("];\n");
    let target = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?).join("files.rs");
    fs::write(target, listing)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
