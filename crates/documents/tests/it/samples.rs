//! Synthetic documents.

use print::{Block, Document, Letterhead, PrintTime, Section, SignatureBlock};

/// Lines that would do something if they were ever read as markup of Typst, JSON, PDF or HTML.
pub const HOSTILE: [&str; 9] = [
    "#import \"/record.typ\": *",
    "#read(\"/etc/passwd\")",
    "$ x^2 $ costs $5",
    "a \\ b \\u{1F600} \\n",
    "] #[ } { )",
    "*bold* _under_ `raw` = Heading",
    "\"quoted\", 'single', <label> @ref // comment",
    "</script><b>&amp;",
    "- item + item / term: ~ -- --- ...",
];

fn pairs(entries: &[(&str, &str)]) -> Vec<(String, String)> {
    entries
        .iter()
        .map(|(label, value)| ((*label).to_owned(), (*value).to_owned()))
        .collect()
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

fn section(heading: &str, body: Vec<Block>) -> Section {
    Section {
        heading: heading.to_owned(),
        body,
    }
}

fn paragraph(words: &str) -> Block {
    Block::Paragraph(words.to_owned())
}

fn signature() -> SignatureBlock {
    SignatureBlock {
        attestation: "I provided this service and this note is an accurate record of it.".to_owned(),
        signer: "Marisol Ortega".to_owned(),
        credentials: "LCSW".to_owned(),
        signed_at: "24 Feb 2026, 11:02 EST".to_owned(),
        method: "Password".to_owned(),
        version_hash: "9f2c4e1ab7d05836c1f0e77a3d9b24685be1c0947fd23a8e6b5510c2d7e4f913".to_owned(),
    }
}

/// A signed note of one page.
pub fn note() -> Document {
    Document {
        letterhead: Letterhead {
            practice: "Riverbend Counseling".to_owned(),
            address_lines: row(&["412 Maple Street, Suite 3", "Portland, OR 97205"]),
            phone: "(503) 555-0117".to_owned(),
        },
        title: "Progress note".to_owned(),
        subject: pairs(&[
            ("Client", "Eleanor Vance"),
            ("Date of birth", "12 Mar 1984"),
            ("Record", "10042"),
        ]),
        facts: pairs(&[
            ("Date of service", "Tue 24 Feb 2026, 10:00–10:53"),
            ("Service", "90837 Psychotherapy, 60 min"),
            ("Place", "Office"),
            ("Clinician", "Marisol Ortega, LCSW"),
            ("Diagnosis", "F33.1"),
            ("Participants", "Client alone"),
        ]),
        sections: vec![
            section(
                "Subjective",
                vec![paragraph(
                    "Eleanor reports that she slept five to six hours on most nights and woke early twice. She describes her mood as \u{201c}flat, but not sinking\u{201d}, and went to choir practice for the first time since November.\n\nShe denies thoughts of death or suicide. Appetite is unchanged.",
                )],
            ),
            section(
                "Objective",
                vec![
                    paragraph(
                        "On time, neatly dressed, cooperative. Speech of normal rate; affect restricted but reactive. Thought process linear.",
                    ),
                    Block::Table {
                        header: row(&["Measure", "Date", "Score", "Meaning"]),
                        rows: vec![
                            row(&[
                                "PHQ-9",
                                "24 Feb 2026",
                                "11",
                                "Moderate; 4 points below the first session",
                            ]),
                            row(&["GAD-7", "24 Feb 2026", "7", "Mild"]),
                            row(&["PHQ-9", "27 Jan 2026", "15", "Moderately severe"]),
                        ],
                    },
                ],
            ),
            section(
                "Assessment",
                vec![paragraph(
                    "Recurrent major depression, moderate, improving. Behavioral activation is taking hold; early waking remains.",
                )],
            ),
            section(
                "Plan",
                vec![
                    Block::List(row(&[
                        "Continue weekly sessions; behavioral activation with choir and one walk on weekdays.",
                        "Sleep diary until the next session; review stimulus control.",
                        "Repeat PHQ-9 on 24 Mar 2026.",
                    ])),
                    Block::KeyValues(pairs(&[
                        ("Next session", "Tue 3 Mar 2026, 10:00"),
                        ("Homework", "Sleep diary; two planned pleasant activities"),
                    ])),
                ],
            ),
        ],
        signatures: vec![signature()],
        footer: "Printed by Dana Whitfield on 25 Feb 2026 at 09:14. Confidential health information.".to_owned(),
        language: "en-US".to_owned(),
        printed_at: PrintTime {
            year: 2026,
            month: 2,
            day: 24,
            hour: 16,
            minute: 2,
            second: 7,
        },
        ..Document::default()
    }
}

/// A note of several pages, with a table that reaches over a page break and two signatures.
pub fn long() -> Document {
    let mut document = note();
    let words = "The client spoke at length about the week, returned twice to the disagreement with her sister, and tried out what she would like to say to her. ".repeat(9);
    let text = format!("{}\n\n{}", words.trim(), words.trim());
    for heading in ["History", "Interpretation", "Recommendations"] {
        document
            .sections
            .push(section(heading, vec![Block::Paragraph(text.clone())]));
    }
    let sessions = (1..=45).map(|number| {
        row(&[
            &format!("Session {number}"),
            "Intervention practised in the session and at home, with a short note on how it went",
            &format!("{}.00", 120 + number),
        ])
    });
    document.sections.push(section(
        "Sessions",
        vec![Block::Table {
            header: row(&["Session", "Intervention", "Fee"]),
            rows: sessions.collect(),
        }],
    ));
    document.signatures.push(SignatureBlock {
        attestation: "I have reviewed this note and agree with the assessment and plan.".to_owned(),
        signer: "Thomas Adeyemi".to_owned(),
        credentials: "PhD".to_owned(),
        ..signature()
    });
    document
}

/// Hostile lines in every place that takes text and may show all of it.
pub fn hostile() -> Document {
    let all = HOSTILE.join("\n");
    let lines = row(&HOSTILE);
    Document {
        letterhead: Letterhead {
            practice: all.clone(),
            address_lines: lines.clone(),
            phone: all.clone(),
        },
        title: all.clone(),
        subject: vec![(all.clone(), all.clone())],
        facts: vec![(all.clone(), all.clone())],
        sections: vec![section(
            &all,
            vec![
                Block::Paragraph(all.clone()),
                Block::List(lines.clone()),
                Block::Table {
                    header: vec![all.clone()],
                    rows: vec![vec![all.clone()]],
                },
                Block::KeyValues(vec![(all.clone(), all.clone())]),
            ],
        )],
        signatures: vec![SignatureBlock {
            attestation: all.clone(),
            ..signature()
        }],
        footer: "Foot".to_owned(),
        ..note()
    }
}

/// Names in many scripts, some of which the built-in fonts cannot show.
pub fn scripts() -> Document {
    let names = [
        "Zoë Đặng",
        "Ελένη Παππά",
        "Наталья Щербакова",
        "李小龙",
        "محمد علي",
        "שלום כהן",
        "สมชาย ใจดี",
        "김민준",
        "नेहा शर्मा",
        "🙂 e\u{301}\u{327}",
    ];
    let mut document = note();
    document.subject[0].1 = names.join(" ");
    document.sections.push(section(
        "Names",
        vec![
            Block::List(row(&names)),
            Block::Paragraph("李".repeat(200)),
            Block::Paragraph("م".repeat(200)),
        ],
    ));
    document
}
