//! What a printed record must show, read back from the file by `pdftotext` (poppler-utils).
//!
//! Set `DOCUMENTS_SAMPLES` to a folder to keep the files that the tests print.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod samples;

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use documents::TypstPrinter;
use print::{Block, Document, PrintTime, Printer, Section};

static PRINTER: LazyLock<TypstPrinter> = LazyLock::new(TypstPrinter::new);

fn print(name: &str, document: &Document) -> Vec<u8> {
    let file = PRINTER.pdf(document).expect("every document can be printed");
    if let Ok(folder) = std::env::var("DOCUMENTS_SAMPLES") {
        std::fs::write(format!("{folder}/{name}.pdf"), &file).expect("the sample folder is writable");
    }
    file
}

/// Runs a tool of poppler on a file given on its standard input.
fn poppler(tool: &str, arguments: &[&str], file: &[u8]) -> String {
    let mut child = Command::new(tool)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{tool} of poppler-utils is needed: {error}"));
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(file)
        .expect("poppler reads its input");
    let output = child.wait_with_output().expect("poppler ends");
    assert!(output.status.success(), "{tool} refused the file");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The text of each page, in reading order.
fn pages(file: &[u8]) -> Vec<String> {
    let text = poppler("pdftotext", &["-enc", "UTF-8", "-", "-"], file);
    let mut pages: Vec<String> = text.split('\u{c}').map(str::to_owned).collect();
    assert_eq!(
        pages.pop().as_deref(),
        Some(""),
        "pdftotext ends each page with a form feed"
    );
    pages
}

/// The text of a file without its white space, for texts that may wrap.
fn dense(file: &[u8]) -> String {
    pages(file).concat().split_whitespace().collect()
}

fn information(file: &[u8]) -> String {
    poppler("pdfinfo", &["-"], file)
}

#[test]
fn a_note_shows_all_it_was_given() {
    let file = print("note", &samples::note());
    let pages = pages(&file);
    assert_eq!(pages.len(), 1);
    for expected in [
        "Riverbend Counseling",
        "412 Maple Street",
        "(503) 555-0117",
        "Progress note",
        "Eleanor Vance",
        "12 Mar 1984",
        "10042",
        "24 Feb 2026",
        "Subjective",
        "slept five to six hours",
        "Behavioral activation",
        "PHQ-9",
        "Marisol Ortega, LCSW",
        "Signed electronically 24 Feb 2026, 11:02 EST",
        "Page 1 of 1",
        "Printed by",
    ] {
        assert!(pages[0].contains(expected), "{expected:?} is missing in:\n{}", pages[0]);
    }
    assert!(!pages[0].contains("DRAFT"));
    let hash = samples::note().signatures[0].version_hash.clone();
    assert!(dense(&file).contains(&hash), "a hash can be copied from the file");
}

#[test]
fn every_page_names_the_client_and_counts_itself() {
    let file = print("long", &samples::long());
    let pages = pages(&file);
    assert!(pages.len() >= 3, "only {} pages", pages.len());
    for (index, page) in pages.iter().enumerate() {
        let count = format!("Page {} of {}", index + 1, pages.len());
        for expected in [
            "Eleanor Vance",
            "12 Mar 1984",
            "10042",
            "Progress note",
            count.as_str(),
            "Printed by",
        ] {
            assert!(
                page.contains(expected),
                "{expected:?} is missing on page {}:\n{page}",
                index + 1
            );
        }
    }
    let rows = pages
        .iter()
        .filter(|page| page.contains("Session 1") || page.contains("Intervention"));
    assert!(rows.count() >= 2, "the head of a table is repeated");
}

#[test]
fn a_draft_is_marked_on_every_page() {
    let file = print(
        "draft",
        &Document {
            draft: true,
            signatures: Vec::new(),
            ..samples::long()
        },
    );
    for page in pages(&file) {
        assert!(page.contains("DRAFT"), "no mark on:\n{page}");
    }
    let copy = print(
        "copy",
        &Document {
            watermark: Some("Copy for #court".to_owned()),
            ..samples::note()
        },
    );
    assert!(dense(&copy).contains("Copyfor#court"));
}

#[test]
fn hostile_text_comes_out_literally() {
    let file = print("hostile", &samples::hostile());
    let text = dense(&file);
    for line in samples::HOSTILE {
        let expected: String = line.split_whitespace().collect();
        let places = text.matches(&expected).count();
        assert!(places >= 6, "{line:?} is shown {places} times in:\n{text}");
    }
}

#[test]
fn long_words_stay_on_the_paper() {
    let word = "0123456789abcdef".repeat(40);
    let sections = vec![Section {
        heading: word.clone(),
        body: vec![
            Block::Paragraph(word.clone()),
            Block::List(vec![word.clone()]),
            Block::KeyValues(vec![(word[..60].to_owned(), word.clone())]),
            Block::Table {
                header: vec!["One".to_owned(), "Two".to_owned(), word[..40].to_owned()],
                rows: vec![vec!["1".to_owned(), word[..80].to_owned(), word.clone()]],
            },
        ],
    }];
    let file = print(
        "words",
        &Document {
            sections,
            ..samples::note()
        },
    );
    let boxes = poppler("pdftotext", &["-bbox", "-", "-"], &file);
    let right_edges = boxes
        .split("xMax=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next()?.parse::<f64>().ok());
    let furthest = right_edges.fold(0.0, f64::max);
    assert!(
        furthest <= 612.0 - 0.85 * 72.0,
        "text reaches {furthest} points on paper 612 points wide"
    );
    assert!(
        dense(&file).matches(&word[..200]).count() >= 3,
        "the word is whole when copied"
    );
}

#[test]
fn a_head_too_tall_for_the_paper_leaves_room_for_the_record() {
    let mut document = samples::note();
    let endless = "Eleanor ".repeat(300);
    document.subject[0].1.clone_from(&endless);
    document.letterhead.practice.clone_from(&endless);
    document.title.clone_from(&endless);
    document.footer = endless;
    let pages = pages(&print("tall", &document));
    assert!(pages.len() < 30, "{} pages", pages.len());
    assert!(pages.concat().contains("slept five to six hours"));
}

#[test]
fn every_script_is_printed_or_replaced_by_boxes() {
    let file = print("scripts", &samples::scripts());
    let text = pages(&file).concat();
    for known in ["Zoë Đặng", "Ελένη", "Наталья"] {
        assert!(text.contains(known), "{known} is missing in:\n{text}");
    }
}

#[test]
fn empty_and_odd_documents_are_printed() {
    assert_eq!(pages(&print("empty", &Document::default())).len(), 1);
    let odd = Document {
        sections: vec![Section {
            heading: String::new(),
            body: vec![
                Block::Paragraph(String::new()),
                Block::List(Vec::new()),
                Block::Table {
                    header: Vec::new(),
                    rows: Vec::new(),
                },
                Block::Table {
                    header: vec!["Alone".to_owned()],
                    rows: vec![Vec::new(), vec!["1".to_owned(), "beyond".to_owned()]],
                },
                Block::KeyValues(Vec::new()),
            ],
        }],
        signatures: vec![print::SignatureBlock::default()],
        language: "☃".to_owned(),
        printed_at: PrintTime {
            month: 13,
            ..PrintTime::default()
        },
        ..Document::default()
    };
    assert!(dense(&print("odd", &odd)).contains("beyond"));
}

#[test]
fn the_file_is_tagged_dated_and_names_nobody() {
    let file = print("information", &samples::note());
    assert!(
        file.windows(7).any(|bytes| bytes == b"pdfuaid"),
        "the file claims to conform to PDF/UA"
    );
    let information = information(&file);
    assert!(
        information
            .lines()
            .any(|line| line.starts_with("Title:") && line.ends_with("Progress note")),
        "{information}"
    );
    assert!(
        information
            .lines()
            .any(|line| line.starts_with("Tagged:") && line.ends_with("yes")),
        "{information}"
    );
    assert!(
        information.contains("Feb 24") && information.contains("2026"),
        "{information}"
    );
    assert!(
        !information.contains("Vance") && !information.contains("Typst"),
        "{information}"
    );
    assert!(information.contains("612 x 792"), "{information}");
    let metric = Document {
        paper: print::Paper::A4,
        ..samples::note()
    };
    assert!(self::information(&print("a4", &metric)).contains("A4"));
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let document = samples::note();
    assert_eq!(
        print("once", &document),
        TypstPrinter::new().pdf(&document).expect("prints")
    );
}

#[test]
fn the_printers_own_words_follow_the_language() {
    let spanish = Document {
        language: "es-US".to_owned(),
        draft: true,
        ..samples::note()
    };
    let text = pages(&print("spanish", &spanish)).concat();
    assert!(
        text.contains("Página 1 de 1") && text.contains("BORRADOR") && text.contains("Firma"),
        "{text}"
    );
}

/// Several requests print at once on one printer.
#[test]
fn one_printer_serves_many_threads() {
    let expected = print("thread", &samples::note());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(PRINTER.pdf(&samples::note()).expect("prints"), expected));
        }
    });
}
