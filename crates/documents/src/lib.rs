//! PDF files, made with Typst as a library.
//!
//! [`TypstPrinter`] lays a [`print::Document`] out with the one template of this crate. It knows nothing of practices,
//! clients or notes, reads no file, opens no connection and asks no clock. It stands apart from the other crates because
//! Typst takes minutes to compile and nothing else may wait for it.
//!
//! Invariants: the text of a document reaches the template as data, never as source, so no text can act as markup;
//! the same document always gives the same bytes; no error names the text of a document.

mod language;
mod printer;
mod text;
mod world;

pub use printer::TypstPrinter;
