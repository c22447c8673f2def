//! The printer: a document in, the bytes of a PDF file out.

use print::{Document, PrintError, PrintTime, Printer};
use serde::Serialize;
use typst::WorldExt;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Bytes, Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandards, Timestamp};

use crate::language::Language;
use crate::text::clean;
use crate::world::{Bench, Shop, TEMPLATE};

/// Makes PDF files. Costly to make and cheap to use, so a program has one and shares it.
pub struct TypstPrinter {
    /// A damaged built-in font or the like is told by each attempt to print; the rest of the program can go on.
    shop: Result<Shop, PrintError>,
}

/// What the template reads.
#[derive(Serialize)]
struct Sheet<'document> {
    #[serde(flatten)]
    document: &'document Document,
    language_code: String,
    language_region: Option<String>,
}

impl TypstPrinter {
    /// A printer with the built-in fonts, which cover the Latin, Greek and Cyrillic scripts.
    #[must_use]
    pub fn new() -> Self {
        Self::with_fonts([])
    }

    /// A printer that looks for characters that the built-in fonts lack in these font files, first to last. What is in
    /// none of them is printed as an empty box. A file that is no font is passed over.
    #[must_use]
    pub fn with_fonts(files: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self {
            shop: Shop::open(files),
        }
    }
}

impl Default for TypstPrinter {
    fn default() -> Self {
        Self::new()
    }
}

impl Printer for TypstPrinter {
    fn pdf(&self, document: &Document) -> Result<Vec<u8>, PrintError> {
        let shop = self.shop.as_ref().map_err(Clone::clone)?;
        let data = encode(document)?;
        let identity = data.clone();
        let bench = Bench {
            shop,
            data: Bytes::from_string(data),
        };
        let pages = typst::compile::<PagedDocument>(&bench).output;
        // Typst remembers intermediate results for a later run. They hold what clients said, so they go at once.
        typst::comemo::evict(0);
        let pages = pages.map_err(|faults| PrintError::Template {
            line: line(&bench, &faults),
        })?;

        let options = |standards| PdfOptions {
            ident: Smart::Custom(identity.clone()),
            creator: Smart::Custom(None),
            timestamp: timestamp(document.printed_at),
            standards,
            ..PdfOptions::default()
        };
        // PDF/UA forbids characters without a glyph. A record in a script without a font is printed nevertheless, still
        // tagged, but without the claim to conform.
        let file = typst_pdf::pdf(&pages, &options(shop.accessible.clone()))
            .or_else(|_| typst_pdf::pdf(&pages, &options(PdfStandards::default())));
        typst::comemo::evict(0);
        file.map_err(|_| PrintError::Export)
    }
}

/// The document as the template reads it.
fn encode(document: &Document) -> Result<String, PrintError> {
    let language = Language::read(&document.language);
    let sheet = Sheet {
        document,
        language_code: language.code,
        language_region: language.region,
    };
    let value = serde_json::to_value(sheet).map_err(|_| PrintError::Encoding)?;
    Ok(clean(value).to_string())
}

/// A time that no calendar has is left out rather than refused.
fn timestamp(time: PrintTime) -> Option<Timestamp> {
    Datetime::from_ymd_hms(time.year, time.month, time.day, time.hour, time.minute, time.second).map(Timestamp::new_utc)
}

/// Line of the first fault. Its message may quote the document and is therefore not passed on.
fn line(bench: &Bench<'_>, faults: &[SourceDiagnostic]) -> usize {
    let Some(range) = faults.first().and_then(|fault| bench.range(fault.span)) else {
        return 0;
    };
    TEMPLATE.get(..range.start).map_or(0, |before| before.lines().count())
}
