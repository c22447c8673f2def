//! What Typst may see while it lays out one document: the template, the document as JSON, and the fonts. Nothing else
//! exists in it, so a template can neither read the disk nor ask what day it is.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use print::PrintError;
use typst_pdf::{PdfStandard, PdfStandards};

/// The template, the same for every document.
pub(crate) const TEMPLATE: &str = include_str!("../templates/record.typ");

const FONTS: [&[u8]; 3] = [
    include_bytes!("../assets/fonts/SourceSans3-Regular.otf"),
    include_bytes!("../assets/fonts/SourceSans3-It.otf"),
    include_bytes!("../assets/fonts/SourceSans3-Semibold.otf"),
];

/// What all documents share; costly to make, so made once.
pub(crate) struct Shop {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    template: Source,
    data: FileId,
    /// PDF/UA-1: what a screen reader needs is present and checked.
    pub(crate) accessible: PdfStandards,
}

impl Shop {
    /// Reads the fonts and the template. The additional fonts serve only characters that the built-in ones lack.
    pub(crate) fn open(additional: impl IntoIterator<Item = Vec<u8>>) -> Result<Self, PrintError> {
        let mut fonts: Vec<Font> = FONTS
            .into_iter()
            .flat_map(|file| Font::iter(Bytes::new(file)))
            .collect();
        if fonts.len() < FONTS.len() {
            return Err(PrintError::Setup("a built-in font cannot be read"));
        }
        fonts.extend(additional.into_iter().flat_map(|file| Font::iter(Bytes::new(file))));
        let (template, data) = *FILES;
        let (template, data) = template
            .zip(data)
            .ok_or(PrintError::Setup("a built-in path is not valid"))?;
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            template: Source::new(template, TEMPLATE.to_owned()),
            data,
            accessible: PdfStandards::new(&[PdfStandard::Ua_1])
                .map_err(|_| PrintError::Setup("the accessible kind of PDF is not known"))?,
        })
    }
}

/// Names of the two files. Typst never forgets a name and has room for 65,535, so they are made once per process.
static FILES: LazyLock<(Option<FileId>, Option<FileId>)> =
    LazyLock::new(|| (file_id("/record.typ"), file_id("/document.json")));

fn file_id(path: &str) -> Option<FileId> {
    let path = VirtualPath::new(path).ok()?;
    Some(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
}

/// The shop with one document on the bench.
pub(crate) struct Bench<'shop> {
    /// What all documents share.
    pub(crate) shop: &'shop Shop,
    /// The document as JSON.
    pub(crate) data: Bytes,
}

impl World for Bench<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.shop.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.shop.book
    }

    fn main(&self) -> FileId {
        self.shop.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.shop.template.id() {
            Ok(self.shop.template.clone())
        } else {
            Err(unknown(id))
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.shop.data {
            Ok(self.data.clone())
        } else {
            Err(unknown(id))
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shop.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn unknown(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().get_with_slash().into())
}
