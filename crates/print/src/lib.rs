//! The printable document: what a record looks like on paper, as plain data.
//!
//! Modules describe a record with these types and hand it to a [`Printer`]; they know nothing of PDF, fonts or page
//! breaks, and whoever prints knows nothing of notes, claims or practices. The two sides meet only here, so that a
//! module never waits for the typesetter to compile.
//!
//! Invariant: every text is literal. No character of it is markup for any printer.

use serde::Serialize;

/// One record, ready to be laid out on pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Document {
    /// Who issues the document.
    pub letterhead: Letterhead,
    /// What the document is, such as "Progress note". It becomes the title of the file, which viewers and operating
    /// systems show and index, so it must never name the client.
    pub title: String,
    /// Identifiers of the client, label and value: name, birth date, record number. Printed on every page, the first
    /// value most prominently.
    pub subject: Vec<(String, String)>,
    /// Facts about the record, label and value: date of service, place, clinician.
    pub facts: Vec<(String, String)>,
    /// The text of the record.
    pub sections: Vec<Section>,
    /// Who attested to the record, in the order of signing.
    pub signatures: Vec<SignatureBlock>,
    /// True while the record is not signed: every page is marked as a draft.
    pub draft: bool,
    /// A mark across every page besides the draft mark, such as "Copy".
    pub watermark: Option<String>,
    /// The line at the foot of every page, such as who printed it and when, as the reader reads it.
    pub footer: String,
    /// BCP 47 tag of the language that the texts are in ("en", "es-MX"); decides hyphenation, the printer's own words
    /// ("Page 1 of 2") and what a screen reader speaks. Empty or unknown means English.
    pub language: String,
    /// Size of the paper.
    pub paper: Paper,
    /// Creation date inside the file. It is taken from here and not from a clock, so that the same document always
    /// gives the same bytes.
    pub printed_at: PrintTime,
}

/// Who issues a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Letterhead {
    /// Name of the practice.
    pub practice: String,
    /// Postal address, one entry per line.
    pub address_lines: Vec<String>,
    /// Telephone number as people write it; empty if there is none.
    pub phone: String,
}

/// A part of the text under a heading of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Heading; empty for text that needs none.
    pub heading: String,
    /// What stands under the heading.
    pub body: Vec<Block>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Block {
    /// Running text. A line feed breaks the line, an empty line starts a new paragraph.
    Paragraph(String),
    /// A bulleted list.
    List(Vec<String>),
    /// A table; its header is repeated on every page that it reaches. Short rows are filled up with empty cells.
    Table {
        /// Column headings; may be empty.
        header: Vec<String>,
        /// Cells, row by row.
        rows: Vec<Vec<String>>,
    },
    /// Labels with their values, one pair per line.
    KeyValues(Vec<(String, String)>),
}

/// One signature under a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SignatureBlock {
    /// What the signer attested to; may be empty.
    pub attestation: String,
    /// Name of the signer.
    pub signer: String,
    /// Credentials behind the name, such as "LCSW"; may be empty.
    pub credentials: String,
    /// When it was signed, as the reader reads it.
    pub signed_at: String,
    /// How the signer was known, such as "Password".
    pub method: String,
    /// Hash of the signed version; may be empty.
    pub version_hash: String,
}

/// Size of the paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// 8.5 by 11 inches.
    #[default]
    UsLetter,
    /// 210 by 297 millimetres.
    A4,
}

/// A moment in UTC, in parts, so that this crate needs no calendar library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PrintTime {
    /// Year of the common era.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
}

impl Default for PrintTime {
    /// The start of the Unix calendar, recognisable as "nobody said when".
    fn default() -> Self {
        Self {
            year: 1970,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
        }
    }
}

/// Why a document could not be printed. Carries no text of the document, since errors end in logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrintError {
    /// The document could not be handed to the typesetter.
    #[error("the document could not be encoded")]
    Encoding,
    /// The template refused the document; a fault of the program.
    #[error("the template failed at line {line}")]
    Template {
        /// Line of the template, counted from one; zero if unknown.
        line: usize,
    },
    /// The pages were laid out, but no file could be made of them.
    #[error("the laid out pages could not be written as a file")]
    Export,
    /// The printer could not be set up.
    #[error("the printer is not usable: {0}")]
    Setup(&'static str),
}

/// Makes a file of a document.
///
/// Laying out takes processor time and no waiting, so asynchronous callers run it on a blocking thread.
pub trait Printer: Send + Sync {
    /// Lays the document out and returns the bytes of a PDF file.
    ///
    /// # Errors
    /// [`PrintError`] for a fault of the program; no content of a document is an error.
    fn pdf(&self, document: &Document) -> Result<Vec<u8>, PrintError>;
}
