//! The note on paper: what its PDF shows (DOC-88).

use clients::Chart;
use identity::Actor;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kernel::when;
use print::{Block, Document, Letterhead, PrintTime, Section, SignatureBlock};

use super::SECTIONS;
use super::ops::Note;

/// The printable form of a note. An unsigned one is marked as a draft on every page.
#[must_use]
pub fn document(note: &Note, actor: &Actor, now: Timestamp) -> Document {
    let zone = &actor.zone;
    Document {
        letterhead: Letterhead {
            practice: actor.practice_name.clone(),
            ..Letterhead::default()
        },
        title: "Progress note".to_owned(),
        subject: subject(&note.chart),
        facts: vec![
            (
                "Date of service".to_owned(),
                when::day(when::date_in(note.row.service_start, zone)),
            ),
            ("Time".to_owned(), span(note, zone)),
            ("Setting".to_owned(), modality_label(&note.row.modality).to_owned()),
            (
                "Clinician".to_owned(),
                super::ops::credential_line(&note.row.author_name, note.row.author_credentials.as_deref()),
            ),
        ],
        sections: SECTIONS
            .iter()
            .map(|(key, heading, _)| Section {
                heading: (*heading).to_owned(),
                body: vec![Block::Paragraph(note.content.section(key).to_owned())],
            })
            .collect(),
        signatures: note
            .signatures
            .iter()
            .map(|signature| SignatureBlock {
                attestation: signature.attestation.clone(),
                signer: signature.credential_line.clone(),
                signed_at: said(signature.signed_at, zone),
                method: format!("Electronically signed ({})", signature.method),
                version_hash: hex(&signature.hash),
                ..SignatureBlock::default()
            })
            .collect(),
        draft: !note.is_signed(),
        footer: format!("Printed by {} on {}", actor.name, said(now, zone)),
        language: "en".to_owned(),
        printed_at: print_time(now),
        ..Document::default()
    }
}

fn subject(chart: &Chart) -> Vec<(String, String)> {
    let born = chart.birth_date().map_or_else(|| "unknown".to_owned(), when::day);
    vec![
        ("Client".to_owned(), chart.legal_name().to_owned()),
        ("Born".to_owned(), born),
        ("Record".to_owned(), chart.mrn().to_owned()),
    ]
}

fn span(note: &Note, zone: &TimeZone) -> String {
    let minutes = note.row.service_end.duration_since(note.row.service_start).as_mins();
    format!(
        "{}–{} ({minutes} min)",
        when::clock(note.row.service_start, zone),
        when::clock(note.row.service_end, zone)
    )
}

fn said(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    format!("{} {}", when::day(local.date()), local.strftime("%H:%M %Z"))
}

/// How a modality is said on screen and paper.
#[must_use]
pub fn modality_label(word: &str) -> &'static str {
    match word {
        "video" => "Video",
        "audio_only" => "Audio only",
        _ => "In person",
    }
}

/// Bytes as small hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The file's creation date, in UTC as the format wants it.
fn print_time(at: Timestamp) -> PrintTime {
    let local = at.to_zoned(TimeZone::UTC);
    let part = |value: i8| u8::try_from(value).unwrap_or(0);
    PrintTime {
        year: i32::from(local.year()),
        month: part(local.month()),
        day: part(local.day()),
        hour: part(local.hour()),
        minute: part(local.minute()),
        second: part(local.second()),
    }
}
