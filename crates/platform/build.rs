//! Migrations are read when this crate is compiled, so it must be compiled again when one is added.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
